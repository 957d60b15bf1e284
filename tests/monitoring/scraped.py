"""Metrics as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

__all__ = ["Scraped", "scrape"]


class Scraped:
    """Samples by name and labels, and the metrics' names with their help."""

    def __init__(self, text: str) -> None:
        families = list(text_string_to_metric_families(text))
        self.helps = {family.name: family.documentation for family in families}
        self.samples = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        """Return the value of a sample; None if there is none."""
        return self.samples.get((f"control_tower_{name}", tuple(sorted(labels.items()))))

    def by(self, name: str, label: str) -> dict[str, float]:
        """Return the values of a metric by one of its labels, summed over the others."""
        found: dict[str, float] = {}
        for (sample, labels), value in self.samples.items():
            if sample == f"control_tower_{name}":
                key = dict(labels)[label]
                found[key] = found.get(key, 0.0) + value
        return found


def scrape(text: bytes | str) -> Scraped:
    """Read Prometheus' text format with its own parser."""
    return Scraped(text.decode() if isinstance(text, bytes) else text)
