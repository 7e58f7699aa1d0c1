"""What a wheel leaves out: ``proofs`` tests the repository, so only an editable install has it."""

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildPy(build_py):
    """Copies the packages into a wheel, without the tools that prove them."""

    def finalize_options(self) -> None:
        """Take every package that pyproject.toml finds, but for ``proofs``."""
        super().finalize_options()
        found = self.distribution.packages or []
        self.packages = [name for name in found if name.split(".")[0] != "proofs"]


setup(cmdclass={"build_py": BuildPy})
