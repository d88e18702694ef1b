from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.samples import form
from tests.strategies import grids
from yusuan.codec import decode, encode
from yusuan.extract import read
from yusuan.extract.grid import Cell, Document, Grid, Note

FLOATS = st.floats(allow_nan=False)
ANY_TEXT = st.text(st.characters())  # lone surrogates too: a broken PDF has them
NUMBERS = st.none() | st.integers(0, 9)
BOXES = st.none() | st.tuples(FLOATS, FLOATS, FLOATS, FLOATS)
NOTES = st.builds(Note, ANY_TEXT, ANY_TEXT, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.none() | ANY_TEXT)


@st.composite
def placed(draw: st.DrawFn) -> Grid:
    grid = draw(grids())
    one_page = draw(st.booleans())
    cells = tuple(
        cell._replace(
            text=draw(st.just(cell.text) | ANY_TEXT),
            page=1 if one_page else draw(NUMBERS),
            bbox=draw(BOXES),
            confidence=draw(st.none() | FLOATS),
            full_lines=tuple(draw(st.lists(st.integers(0, 5), max_size=3))),
        )
        for cell in grid.cells
    )
    return replace(
        grid,
        cells=cells,
        page=draw(NUMBERS),
        edges=tuple(draw(st.lists(FLOATS, max_size=3))),
        parent=draw(NUMBERS),
        hidden=draw(st.booleans()),
    )


@given(
    st.builds(
        Document,
        st.just("pdf"),
        st.lists(placed(), max_size=3).map(tuple),
        NUMBERS,
        st.lists(ANY_TEXT, max_size=2).map(tuple),
        st.lists(NOTES, max_size=3).map(tuple),
        st.sampled_from(["text", "ocr"]),
        st.none() | ANY_TEXT,
    )
)
def test_what_was_written_is_read_back_exactly(document: Document) -> None:
    data = encode(document)
    back = decode(data)
    assert back == document
    assert encode(back) == data
    assert repr(back) == repr(document), "equal values of other types (1 and 1.0, tuple and list)"


def test_a_document_of_a_reader_and_an_empty_one() -> None:
    for document in (read(form()), Document("pdf"), Document("docx", (Grid(()),))):
        assert decode(encode(document)) == document


def test_equal_documents_give_equal_bytes_whatever_their_cells_share() -> None:
    box = (0.0, 0.5, 1.0, 2.0)
    shared, own, other = (
        Document("pdf", (Grid(tuple(Cell(0, col, bbox=each) for col, each in enumerate(boxes))),))
        for boxes in ((box, box), (box, (*box[:2], *box[2:])), (box, (-0.0, *box[1:])))
    )
    assert encode(shared) == encode(own) == encode(decode(encode(shared)))
    assert encode(shared) != encode(other)
