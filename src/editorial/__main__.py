"""`python -m editorial` is the program `editorial`."""

from editorial.cli import main

main()
