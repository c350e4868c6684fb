//! Tables in columns, without borders.

use comfy_table::{CellAlignment, Table, presets};
use dockerutils_command::printable;

/// How the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// For text.
    Left,
    /// For numbers and sizes.
    Right,
}

/// Renders a table: a header and one line for each row, columns two blanks apart, no blanks at the end of a line.
/// Cells may hold what others wrote, so they are escaped.
pub(crate) fn table<const N: usize>(
    columns: [(&str, Align); N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.map(|(name, _)| name.to_owned()));
    table.add_rows(rows.into_iter().map(|row| row.map(|cell| printable(&cell).into_owned())));
    for (column, (_, align)) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 2));
        if align == Align::Right {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}
