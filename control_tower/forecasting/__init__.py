"""What comes next: daily volume with honest intervals, its accuracy, and days out of the ordinary."""
