"""What a signed-in device is called, so that its owner recognises it and nobody else learns much.

A User-Agent with all its versions is close to a fingerprint. What is kept names a browser and a system.
"""

BROWSERS: tuple[tuple[str, str], ...] = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("yabrowser", "Yandex Browser"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("chromium/", "Chromium"),
    ("chrome/", "Chrome"),
    ("crios/", "Chrome"),
    ("safari/", "Safari"),
    ("curl/", "curl"),
)
"""What a browser's User-Agent has in it, the more particular first: most of them claim to be Safari too."""

SYSTEMS: tuple[tuple[str, str], ...] = (
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("cros", "ChromeOS"),
    ("linux", "Linux"),
)


def device_of(user_agent: str) -> str | None:
    """A browser and a system in a few words; nothing where neither is known."""
    said = user_agent.lower()
    browser = next((name for mark, name in BROWSERS if mark in said), None)
    system = next((name for mark, name in SYSTEMS if mark in said), None)
    if browser and system:
        return f"{browser}, {system}"
    return browser or system
