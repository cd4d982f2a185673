import { SignatureForm } from "@portal/signature_form/signature_form";
import { patch } from "@web/core/utils/patch";

const LOADING = ["o_btn_loading", "disabled", "pe-none"];

// Stock Odoo leaves the button dead when the server refuses a signature: what was typed and drawn
// is still there, but could not be sent again.
patch(SignatureForm.prototype, {
    async onClickSubmit() {
        try {
            await super.onClickSubmit(...arguments);
        } finally {
            this.enableSubmit();
        }
    },

    enableSubmit() {
        const button = this.rootRef.el?.querySelector(".o_portal_sign_submit");
        if (!button) {
            return;
        }
        button.querySelector(".fa-spin")?.remove();
        button.classList.remove(...LOADING);
        button.disabled = false;
        if (!button.querySelector(".fa-check")) {
            const icon = document.createElement("i");
            icon.className = "fa fa-check me-1";
            button.prepend(icon);
        }
    },
});
