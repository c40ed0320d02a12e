//! Shell completions and man pages, generated from the command line's definition.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::process::{EarlyExit, Exit, print_document};

/// Man pages that refer to each other. All of them are packaged.
const PAGES: [&str; 9] = [
    "wsbench", "wsbench-bench", "wsbench-convert", "wsbench-fmt", "wsbench-listen", "wsbench-mock",
    "wsbench-record", "wsbench-run", "wsbench-server",
];

/// Prints a completion script. It is generated from the flags, and complete for all commands.
pub(crate) fn print_completions(shell: Shell, mut program: Command) -> Exit {
    print_document(|out| {
        clap_complete::generate(shell, &mut program, "wsbench", out);
        Ok(())
    })
}

/// Prints the man page of the program, or of one of its commands; each names the others under SEE
/// ALSO. `Err` if there is no such command.
pub(crate) fn print_man_page(
    command: Option<&str>,
    mut program: Command,
) -> Result<Exit, EarlyExit> {
    // Passes the program's name and version on to its commands.
    program.build();
    let (documented, title) = match command {
        None => (program, "wsbench".to_owned()),
        Some(name) => {
            let Some(found) = program.find_subcommand(name) else {
                let sentence = format!("'{name}' is not a command of wsbench; --help lists them");
                return Err(sentence.into());
            };
            (found.clone(), format!("wsbench-{name}"))
        }
    };
    let help = documented.get_after_long_help().or_else(|| documented.get_after_help());
    let sections = sections(&help.map(ToString::to_string).unwrap_or_default());
    // clap_mangen would join their lines, under EXTRA.
    let documented = documented.after_help(None).after_long_help(None);
    // It would leave out the text of options that only the short help hides.
    let documented = documented.mut_args(|argument| argument.hide_short_help(false));
    // The page is the same for every target.
    let man = Man::new(documented.long_version(None)).title(title);
    let own = command.map_or("wsbench".to_owned(), |name| format!("wsbench-{name}"));
    let others = PAGES.iter().filter(|page| **page != own);
    let others: Vec<_> = others.map(|page| format!("\\fB{page}\\fR(1)")).collect();
    let man = man.source(format!("wsbench {}", server::VERSION));
    Ok(print_document(|out| {
        man.render(out)?;
        // EXIT STATUS comes before EXAMPLES (man-pages(7)).
        for (heading, lines) in sections.iter().rev() {
            write_section(out, heading, lines)?;
        }
        writeln!(out, ".SH \"SEE ALSO\"\n{}", others.join(", ").replace('-', "\\-"))
    }))
}

/// Sections of a text at the end of the help: a heading that ends in a colon, and indented lines.
/// Other text is left out.
fn sections(help: &str) -> Vec<(String, Vec<String>)> {
    let mut sections: Vec<(String, Vec<String>)> = Vec::new();
    for line in help.lines() {
        match (line.strip_suffix(':'), sections.last_mut()) {
            (Some(heading), _) if !line.starts_with(' ') => {
                sections.push((heading.to_uppercase(), Vec::new()));
            }
            (_, Some((_, lines))) => lines.extend(line.strip_prefix("  ").map(str::to_owned)),
            _ => {}
        }
    }
    sections
}

/// Writes a section whose lines are not joined. As in the help, they are shown as typed.
fn write_section(out: &mut Vec<u8>, heading: &str, lines: &[String]) -> io::Result<()> {
    writeln!(out, ".SH \"{heading}\"\n.nf")?;
    for line in lines {
        // A leading point or apostrophe would be a request.
        writeln!(out, "\\&{}", line.replace('\\', "\\e").replace('-', "\\-"))?;
    }
    writeln!(out, ".fi")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_help_has_sections() {
        let help = "Examples:\n  wsbench a\n  'b'\n\nExit status:\n  0    success\nmore";
        let found = sections(help);
        let lines =
            |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(found[0], ("EXAMPLES".to_owned(), lines(&["wsbench a", "'b'"])));
        assert_eq!(found[1], ("EXIT STATUS".to_owned(), lines(&["0    success"])));
        let mut page = Vec::new();
        write_section(&mut page, "EXAMPLES", &lines(&["a -b 'x\\n'"])).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page, ".SH \"EXAMPLES\"\n.nf\n\\&a \\-b 'x\\en'\n.fi\n");
    }
}
