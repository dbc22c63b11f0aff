"""``python -m airscale``."""

from airscale.cli import app

if __name__ == "__main__":
    app()
