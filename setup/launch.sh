# Find a Python that Odoo 19 and our lock file support, and start the set-up with it.
# PRM_PYTHON names one by hand. "import ensurepip" tells whether it can make virtual environments.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
for check in "import sys, ensurepip" "import sys"; do
    for python in ${PRM_PYTHON:-python3 python3.12 python3.13 python3.11 python3.10}; do
        if "$python" -c "$check; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))" \
            >/dev/null 2>&1; then
            exec "$python" "$here/prm_setup" "$@"
        fi
    done
done
if [ -n "${PRM_PYTHON:-}" ]; then
    echo "PRM_PYTHON=$PRM_PYTHON is not a Python 3.10 to 3.13: set it to one, or unset it." >&2
else
    echo "No Python 3.10 to 3.13 found: install one, or name it with PRM_PYTHON=/path/to/python3." >&2
fi
exit 1
