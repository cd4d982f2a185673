from . import prm_certification
from . import prm_credential
from . import prm_metric
from . import res_partner
from . import survey_survey
from . import survey_user_input
