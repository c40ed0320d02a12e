//! Shell completions and man pages, generated from the command line's definition.

use std::io::Write;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::process::{Exit, print_document};

/// Man pages that refer to each other.
const PAGES: [&str; 3] = ["wsbench", "wsbench-bench", "wsbench-server"];

/// Prints a completion script.
pub(crate) fn print_completions(shell: Shell, mut program: Command) -> Exit {
    print_document(|out| {
        clap_complete::generate(shell, &mut program, "wsbench", out);
        Ok(())
    })
}

/// Prints the man page of the program, or of one of its commands; each names the others under SEE
/// ALSO. `Err` if there is no such command.
pub(crate) fn print_man_page(command: Option<&str>, mut program: Command) -> Result<Exit, String> {
    // Passes the program's name and version on to its commands.
    program.build();
    let man = match command {
        None => Man::new(program),
        Some(name) => match program.find_subcommand(name) {
            Some(found) => Man::new(found.clone()).title(format!("wsbench-{name}")),
            None => {
                return Err(format!("'{name}' is not a command of wsbench; --help lists them"));
            }
        },
    };
    let own = command.map_or("wsbench".to_owned(), |name| format!("wsbench-{name}"));
    let others = PAGES.iter().filter(|page| **page != own);
    let others: Vec<_> = others.map(|page| format!("\\fB{page}\\fR(1)")).collect();
    let man = man.source(format!("wsbench {}", server::VERSION));
    Ok(print_document(|out| {
        man.render(out)?;
        writeln!(out, ".SH \"SEE ALSO\"\n{}", others.join(", ").replace('-', "\\-"))
    }))
}
