"""One module for each launcher; each has ``main(arguments) -> exit status``."""
