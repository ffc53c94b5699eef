//! Comma-separated values, as spreadsheets open them without doing what strangers wrote into a cell.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{ContentDisposition, ContentType, DispositionParam, DispositionType},
};

use crate::error::Error;

/// The head of an answer that a browser saves as a file.
pub(crate) fn attachment(name: &str) -> HttpResponseBuilder {
    let parameters = vec![DispositionParam::Filename(name.into())];
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ContentType("text/csv; charset=utf-8".parse().expect("a media type")))
        .insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters });
    response
}

/// One line. What a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises. That is at the beginning of a cell, and
/// after what some spreadsheets take for an end of one: a semicolon, where commas are for decimals, and the end of a line.
pub(crate) fn row<'a>(cells: impl Iterator<Item = &'a str>) -> Result<String, Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let guarded: Vec<String> = cells.map(guard).collect();
    writer.write_record(guarded).map_err(|error| Error::internal("write a table", error))?;
    let bytes = writer.into_inner().map_err(|error| Error::internal("write a table", error))?;
    String::from_utf8(bytes).map_err(|error| Error::internal("write a table", error))
}

fn guard(cell: &str) -> String {
    let (mut guarded, mut begins) = (String::with_capacity(cell.len() + 1), true);
    for (index, c) in cell.char_indices() {
        if begins && (matches!(c, '=' | '+' | '-' | '@') || index == 0 && matches!(c, '\t' | '\r' | '\n')) {
            guarded.push('\'');
        }
        guarded.push(c);
        begins = matches!(c, ';' | '\t' | '\r' | '\n');
    }
    guarded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_text() {
        let line = row(["a,b", "say \"x\"", "=1+1", "-2", "@SUM(A1)", "two\nlines", ""].into_iter()).unwrap();
        let within = row(["x;=HYPERLINK(A1)", "x\n=A1\ny", "a-b;c"].into_iter()).unwrap();
        assert_eq!(within, "x;'=HYPERLINK(A1),\"x\n'=A1\ny\",a-b;c\r\n");
        assert_eq!(line, "\"a,b\",\"say \"\"x\"\"\",'=1+1,'-2,'@SUM(A1),\"two\nlines\",\r\n");
    }
}
