"""Durations for people."""


def time_str(seconds: float) -> str:
    """Return ``1d 2h 3m 4s`` style text, two most significant units; seconds below a minute."""
    total = int(max(0.0, seconds))
    parts = [
        (total // 86400, "d"),
        (total // 3600 % 24, "h"),
        (total // 60 % 60, "m"),
        (total % 60, "s"),
    ]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    return " ".join(f"{value}{unit}" for value, unit in parts[:2])
