"""What comes next: daily volume with honest intervals, its accuracy, days out of the ordinary."""
