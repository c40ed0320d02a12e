//! English.

use super::Words;
use crate::language::en::counted;

pub(super) static WORDS: Words = Words {
    title: "Files and links",
    connection: "Share this connection",
    copy_link: "Copy as link",
    copy_command: "Copy as wsbench command",
    copy_secrets: "Copy as command with secrets",
    list: "Export and import",
    exported: |rows| {
        let rows = counted(rows, "row", "rows");
        format!("Exports the {rows} shown.")
    },
    json_lines: "Export as JSON Lines",
    har: "Export as HAR",
    secrets: "HAR with secret header values",
    text_log: "Export as text log",
    import: "Import JSON Lines or HAR…",
    workspace: "Saved messages, connections and environments",
    save: "Save as workspace file",
    open: "Add from workspace file…",
};
