"""What pyproject.toml cannot say: data/ and sql/ travel in the wheel, inside the package that reads them."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("data", "sql")


class WithShipped(build_py):
    """The usual build, and a copy of the shipped folders; an editable install reads them where they are."""

    def run(self) -> None:
        """Build the modules, then copy."""
        super().run()
        if not self.editable_mode:
            for name in SHIPPED:
                target = Path(self.build_lib) / "analytics" / "shipped" / name
                shutil.copytree(Path(__file__).parent / name, target, dirs_exist_ok=True)


setup(cmdclass={"build_py": WithShipped})
