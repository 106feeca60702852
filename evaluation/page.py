"""What every page shares: its frame, its notices, and that each value stands in it as text."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER


def rendered_page(template: str, *, package: str, demonstration: bool, **values: object) -> str:
    """Render a page that needs no network: its style is its own, and it runs no script.

    Args:
        template: Name of a template that extends `page.html`.
        package: Where that is, in the folder `templates`.
        demonstration: Whether the page shows an answer of demonstration weights.
        **values: What the template shows; `title` stands over the page.

    Returns:
        HTML in which no value is read as markup.
    """
    places = [PackageLoader(package, "templates"), PackageLoader(__package__, "templates")]
    templates = Environment(loader=ChoiceLoader(places), autoescape=select_autoescape(), undefined=StrictUndefined)
    note = DEMONSTRATION_NOTE if demonstration else None
    return templates.get_template(template).render(disclaimer=DISCLAIMER, note=note, **values)
