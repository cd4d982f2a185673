from odoo.exceptions import AccessError, UserError

from ..models.prm_deal_registration_file import MAX_FILE_SIZE, MAX_FILES
from .common import DealCase

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"


class TestAttachment(DealCase):
    def test_file_of_the_deal(self):
        deal = self._register()
        attachment = deal._attach("../../etc/tender\x00.pdf", PDF)
        self.assertEqual((attachment.res_model, attachment.res_id), (deal._name, deal.id))
        self.assertEqual((attachment.name, attachment.mimetype), ("tender.pdf", "application/pdf"))
        self.assertEqual(attachment.raw, PDF)
        self.assertFalse(attachment.public)

    def test_type_is_found_by_content(self):
        deal = self._register()
        for name, content in (
            ("tender.pdf", b"<html><script>alert(1)</script></html>"),
            ("tender.pdf", b"MZ\x90\x00\x03\x00\x00\x00"),
            ("image.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ):
            with self.subTest(content=content[:5]), self.assertRaises(UserError):
                deal._attach(name, content)

    def test_limits(self):
        deal = self._register()
        for content in (b"", PDF + b"x" * MAX_FILE_SIZE):
            with self.assertRaises(UserError):
                deal._attach("x.pdf", content)
        for number in range(MAX_FILES):
            deal._attach(f"{number}.pdf", PDF)
        with self.assertRaises(UserError):
            deal._attach("more.pdf", PDF)

    def test_portal_users_do_not_read_attachments_directly(self):
        attachment = self._register()._attach("tender.pdf", PDF)
        for user in (self.rival_user, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                attachment.with_user(user).read(["name", "datas"])
