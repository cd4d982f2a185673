from .joining import Joining
class ProgramYear(Joining):
    pass
