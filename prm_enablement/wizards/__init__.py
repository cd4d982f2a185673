from . import prm_credential_issue
from . import prm_credential_revoke
