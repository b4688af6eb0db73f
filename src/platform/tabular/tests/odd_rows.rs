use super::super::{MAX_FIELD, Problem};
use super::read;

#[test]
fn rows_of_another_width_are_told_and_kept() {
    let found = read("a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,,\n");
    let problems: Vec<_> = found.rows.iter().map(|row| row.problem).collect();
    assert_eq!(
        problems[0],
        Some(Problem::Short {
            expected: 3,
            found: 2
        })
    );
    assert_eq!(problems[1], None);
    assert_eq!(
        problems[2],
        Some(Problem::Long {
            expected: 3,
            found: 4
        })
    );
    assert_eq!(problems[3], None);
    assert_eq!(found.rows[0].get(2), "");
    assert_eq!(found.rows[2].get(3), "4");
    let sentence = found.rows[2].problem.map(|problem| problem.to_string());
    assert_eq!(
        sentence.as_deref(),
        Some("The row has 4 fields, the header only 3.")
    );
}

#[test]
fn quoted_line_breaks_stay_in_their_field_and_numbers_stay_true() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "\"one", "two\",x", "", ",,", "y,z"].join(end);
        let found = read(text);
        assert_eq!(found.cells()[0], [format!("one{end}two").as_str(), "x"]);
        assert_eq!(found.cells()[1], ["y", "z"]);
        assert_eq!((found.rows[0].number, found.rows[0].line), (2, 2));
        assert_eq!(
            (found.rows[1].number, found.rows[1].line),
            (5, 6),
            "{end:?}"
        );
    }
}

#[test]
fn a_quote_that_never_closes_costs_one_row_only() {
    let found = read("a,b\n1,\"open\n2,two\n3,three\n");
    assert_eq!(
        found.cells(),
        [["1", "\"open"], ["2", "two"], ["3", "three"]]
    );
    assert_eq!(found.rows[0].problem, Some(Problem::StrayQuote));
    assert_eq!(found.rows[1].problem, None);
}

#[test]
fn a_quote_closed_by_a_later_row_costs_one_row_only() {
    let found = read("a,b,c\n\"Big Bob,x,y\n2,b,c\n3,\"quoted, well\",c\n");
    assert_eq!(found.rows[0].problem, Some(Problem::StrayQuote));
    assert_eq!(found.rows[0].get(0), "\"Big Bob");
    assert_eq!(found.cells()[1], ["2", "b", "c"]);
    assert_eq!(found.cells()[2], ["3", "quoted, well", "c"]);
}

#[test]
fn a_stray_quote_in_a_large_file_does_not_swallow_it() {
    let rows = "x,plain text that goes on\n".repeat(400_000);
    let found = read(format!("a,b\n1,\"open\n{rows}"));
    assert_eq!(found.rows.len(), 400_001);
    assert_eq!(found.rows[0].problem, Some(Problem::StrayQuote));
    assert_eq!(
        found
            .rows
            .iter()
            .filter(|row| row.problem.is_some())
            .count(),
        1
    );
}

#[test]
fn quotes_inside_plain_fields_are_letters() {
    let found = read("name,note\nJohn \"Johnny\" Smith,12\" pipe\n");
    assert_eq!(found.cells(), [["John \"Johnny\" Smith", "12\" pipe"]]);
}

#[test]
fn a_field_beyond_the_limit_is_told() {
    let text = format!("a,b\nx,{}\ny,z\n", "w".repeat(MAX_FIELD + 1));
    let found = read(text);
    assert_eq!(
        found.rows[0].problem,
        Some(Problem::LongField { column: 1 })
    );
    assert_eq!(found.cells()[1], ["y", "z"]);
}

#[test]
fn an_endless_line_is_told_and_passed_over() {
    let text = format!("a,b\nx,{}\ny,z\n", "w".repeat(6 * MAX_FIELD));
    let found = read(text);
    assert_eq!(found.rows[0].problem, Some(Problem::LongRow));
    assert_eq!((found.rows[1].number, found.rows[1].get(0)), (3, "y"));
}

#[test]
fn the_last_row_needs_no_line_end() {
    assert_eq!(read("a,b\n1,2").cells(), [["1", "2"]]);
    assert_eq!(read("a,b\n1,\"2\"").cells(), [["1", "2"]]);
    assert_eq!(read("a,b\n1,").cells(), [["1", ""]]);
    assert!(read("a,b").rows.is_empty());
}
