"""The shelf as one table: a row for each product in the library, with the JSON that lists show.

Why: joining and building the JSON anew cost two thirds of a page of the shelf, which is what the
public reads most. The table holds nothing of its own: triggers rebuild a product's row whenever
something it is made of changes, and `shelf_refresh` makes any row again; `eastlake verify`
compares them. Statements run after the indexes, in order, and may be run again.
"""

from __future__ import annotations

from service.kernel.guards import differs

ITEM = """convert_to(json_build_object('number', p.number, 'name', v.name, 'version', v.number,
 'status', p.status, 'filing_status', v.status, 'summary', v.summary,
 'type_code', t.code, 'type_name', t.name, 'risk_kind', t.risk_kind,
 'insurer', o.short_name, 'insurer_uscc', o.uscc, 'district', o.district,
 'stages', v.stages, 'industries', v.industries, 'rate_min_ppm', v.rate_min_ppm,
 'rate_max_ppm', v.rate_max_ppm, 'sum_min_fen', v.sum_min_fen, 'sum_max_fen', v.sum_max_fen,
 'submitted_at', v.submitted_at)::text, 'UTF8')"""
"""One row of a product list as bytes, which nobody has to decode; aliases p, v, t, o."""
NAMES = "JOIN product_type t ON t.id = p.product_type JOIN organisation o ON o.id = p.insurer"

_TABLE = """
CREATE TABLE IF NOT EXISTS shelf_item (
  product bigint PRIMARY KEY REFERENCES product,
  sort_key varchar(400) COLLATE "C" NOT NULL,
  insurer_uscc varchar(18) NOT NULL,
  district varchar(40) NOT NULL,
  type_code varchar(20) NOT NULL,
  risk_kind varchar(20) NOT NULL,
  stages varchar[] NOT NULL,
  industries varchar[] NOT NULL,
  search_text text NOT NULL,
  search_tokens varchar[] NOT NULL,
  item bytea NOT NULL
)
"""
_COLUMNS = (
    "product, sort_key, insurer_uscc, district, type_code, risk_kind, stages, industries,"
    " search_text, search_tokens, item"
)
_ROWS = f"""
SELECT p.id AS product, v.sort_key, o.uscc AS insurer_uscc, o.district, t.code AS type_code,
 t.risk_kind, v.stages, v.industries, v.search_text, v.search_tokens, {ITEM} AS item
FROM product p JOIN product_version v ON v.id = p.current_version {NAMES}
WHERE p.status = 'in_library' AND v.status = 'in_library'
"""
_UPDATES = ", ".join(f"{c} = EXCLUDED.{c}" for c in _COLUMNS.split(", ")[1:])

# FOR SHARE: a renaming that runs at the same time is waited for and then seen. The zone is fixed,
# as the moments in the JSON follow it.
_REFRESH = f"""
CREATE OR REPLACE FUNCTION shelf_refresh(products bigint[]) RETURNS void
LANGUAGE sql SET timezone TO 'UTC' AS $$
  DELETE FROM shelf_item s WHERE s.product = ANY (products) AND NOT EXISTS
    (SELECT 1 FROM product p JOIN product_version v ON v.id = p.current_version
     WHERE p.id = s.product AND p.status = 'in_library' AND v.status = 'in_library');
  INSERT INTO shelf_item ({_COLUMNS}) {_ROWS} AND p.id = ANY (products) FOR SHARE OF o, t
  ON CONFLICT (product) DO UPDATE SET {_UPDATES};
$$
"""
_DIFFERENCES = f"""
CREATE OR REPLACE FUNCTION shelf_differences() RETURNS SETOF bigint
LANGUAGE sql STABLE SET timezone TO 'UTC' AS $$
  SELECT coalesce(w.product, s.product) FROM ({_ROWS}) w
  FULL JOIN shelf_item s ON s.product = w.product
  WHERE (w.sort_key, w.insurer_uscc, w.district, w.type_code, w.risk_kind, w.stages, w.industries,
    w.search_text, w.search_tokens, w.item) IS DISTINCT FROM (s.sort_key, s.insurer_uscc,
    s.district, s.type_code, s.risk_kind, s.stages, s.industries, s.search_text, s.search_tokens,
    s.item) ORDER BY 1
$$
"""


def _refreshing(table: str, products: str, condition: str) -> list[str]:
    """A trigger that rebuilds the rows of some products when a row of `table` has changed."""
    return [
        f"CREATE OR REPLACE FUNCTION {table}_on_shelf() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN PERFORM shelf_refresh({products}); RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_on_shelf AFTER UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({condition}) EXECUTE FUNCTION {table}_on_shelf()",
    ]


SHELF_SQL: list[str] = [
    _TABLE,
    "ALTER TABLE shelf_item ALTER COLUMN item SET STORAGE EXTERNAL",
    _REFRESH,
    _DIFFERENCES,
    *_refreshing(
        "product",
        "ARRAY[NEW.id]",
        differs(("status", "current_version", "insurer", "product_type", "number")),
    ),
    *_refreshing(
        "product_version",
        "ARRAY[NEW.product]",
        "OLD.status = 'in_library' OR NEW.status = 'in_library'",
    ),
    *_refreshing(
        "organisation",
        "ARRAY(SELECT id FROM product WHERE insurer = NEW.id)",
        differs(("uscc", "short_name", "district")),
    ),
    *_refreshing(
        "product_type",
        "ARRAY(SELECT id FROM product WHERE product_type = NEW.id)",
        differs(("code", "name", "risk_kind")),
    ),
    "CREATE INDEX IF NOT EXISTS ix_shelf_item_order ON shelf_item (sort_key, product)",
    "CREATE INDEX IF NOT EXISTS ix_shelf_item_tokens ON shelf_item USING gin (search_tokens)",
    "CREATE INDEX IF NOT EXISTS ix_shelf_item_industries ON shelf_item USING gin (industries)",
    "CREATE INDEX IF NOT EXISTS ix_shelf_item_insurer ON shelf_item (insurer_uscc)",
    "CREATE INDEX IF NOT EXISTS ix_shelf_item_type ON shelf_item (type_code)",
]
