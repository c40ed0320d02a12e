//! `cargo xtask conformance`: Autobahn|Testsuite against the server, or against the terminal client.

mod report;

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use self::report::{Outcome, Outcomes};
use crate::{
    process::{self, Running},
    server::Server,
    setup::{self, Wstest},
    workspace::{self, Profile},
};

/// Cases of `--quick`: all without compression; of those with compression, which take nine tenths of the time,
/// messages of 16 B, 1 KiB and 16 KiB, and one of 128 KiB in fragments, for each payload and parameter set.
/// wstest's patterns are regular expressions, but `.` is a dot and `*` is anything.
const QUICK: [&str; 3] = ["[1-9].*", "10.*", "1[23].*.(1|4|7|11)$"];

/// Time limit for all cases, which take 10 minutes on 2 cores.
const LIMIT: Duration = Duration::from_mins(30);
/// Time limit for the cases of [`QUICK`].
const QUICK_LIMIT: Duration = Duration::from_mins(5);

/// Time limit for wstest to listen, which takes a second.
const LISTEN_LIMIT: Duration = Duration::from_secs(30);
/// Interval at which wstest's port is tried, and limit of each attempt.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Cases to run, such as '6.4.*,7.1.1' [default: all]
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    cases: Vec<String>,
    /// Run only the quick cases, as `cargo xtask test` does
    #[arg(long, conflicts_with = "cases")]
    quick: bool,
    /// Write the numbers to docs/conformance
    #[arg(long, conflicts_with_all = ["cases", "quick"])]
    record: bool,
    /// Test the terminal client instead of the server
    #[arg(long)]
    client: bool,
}

/// Program under test. Autobahn|Testsuite takes the other role.
#[derive(Clone, Copy)]
enum Implementation {
    /// `wsbench server`, at its endpoint `/echo`; wstest is the client.
    Server,
    /// `wsbench autobahn`; wstest is the server.
    Terminal,
}

/// Runs the quick cases against the server in the folder `programs`.
pub(crate) fn quick(programs: &Path) -> Result<()> {
    let flags = Flags { cases: Vec::new(), quick: true, record: false, client: false };
    run_against(&flags, || Ok(programs.join("wsbench")))
}

/// Runs the cases that `flags` name against a release.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    run_against(flags, || workspace::build("cli", "wsbench", Profile::Release))
}

/// Runs the cases that `flags` name against the program that `build` returns.
fn run_against(flags: &Flags, build: impl FnOnce() -> Result<PathBuf>) -> Result<()> {
    eprintln!("Looking for Autobahn|Testsuite:");
    let wstest = setup::for_conformance()?;
    let peer = if flags.client { Implementation::Terminal } else { Implementation::Server };
    let (cases, limit) = if flags.quick {
        (wstest.cases(&QUICK)?, QUICK_LIMIT)
    } else if flags.cases.is_empty() {
        (wstest.cases(&["*"])?, LIMIT)
    } else {
        (wstest.cases(&flags.cases)?, LIMIT)
    };
    ensure!(!cases.is_empty(), "Autobahn|Testsuite has no case {}.", flags.cases.join(", "));
    let program = build()?;
    let run = Run::new(peer, &cases, limit)?;
    let outcomes = match peer {
        Implementation::Server => run.server(&wstest, &program),
        Implementation::Terminal => run.terminal(&wstest, &program),
    };
    let outcomes = outcomes
        .with_context(|| format!("The cases did not all run (see {})", run.log().display()))?;
    println!("\n{}", report::table(&outcomes));
    println!("Each case in detail: {}\n", run.folder.join("index.html").display());
    if flags.record { peer.record(&outcomes) } else { check(&outcomes) }
}

/// Run of wstest. Its folder with the reports stays.
struct Run<'a> {
    /// Numbers of the cases, without patterns, so that the report can be checked for completeness.
    cases: &'a [String],
    /// Time for all of the cases; wstest, or the client, is killed after it.
    limit: Duration,
    /// Folder of the run's configuration, log and reports.
    folder: PathBuf,
}

impl<'a> Run<'a> {
    /// Empties the folder of the peer's last run.
    fn new(peer: Implementation, cases: &'a [String], limit: Duration) -> Result<Self> {
        let folder = workspace::target()?.join("xtask/conformance").join(peer.file_stem());
        // A report of an earlier run must not be taken for this one's.
        workspace::empty(&folder)?;
        Ok(Self { cases, limit, folder })
    }

    /// Runs wstest as a client, which connects to the server once a case. Ends when wstest does,
    /// which writes the reports then.
    fn server(&self, wstest: &Wstest, program: &Path) -> Result<Outcomes> {
        let server = Server::start(&mut Command::new(program), &self.folder)?;
        let spec = self.spec(&format!("{}/echo", server.url))?;
        self.say_what_runs();
        let mut wstest = wstest.client();
        wstest.args(["--mode", "fuzzingclient", "--spec"]).arg(spec);
        process::run_within(self.limit, self.logged(&mut wstest)?)?;
        self.outcomes()
    }

    /// Runs wstest as a server, to which the client connects once a case: it asks for their number at
    /// `/getCaseCount`, echoes at `/runCase?case=N&agent=NAME`, and ends with `/updateReports`.
    fn terminal(&self, wstest: &Wstest, program: &Path) -> Result<Outcomes> {
        let address = free_address()?;
        let url = format!("ws://{address}");
        let spec = self.spec(&url)?;
        let mut wstest = wstest.server();
        wstest.args(["--mode", "fuzzingserver", "--spec"]).arg(spec);
        let mut wstest = Running::start(self.logged(&mut wstest)?)?;
        wait_until_it_listens(address, &mut wstest)?;
        self.say_what_runs();
        let mut client = Command::new(program);
        process::run_within(self.limit, client.args(["autobahn", &url]).stdout(Stdio::null()))?;
        self.outcomes()
    }

    /// Writes wstest's configuration. As a server it listens on `url`; as a client it connects.
    fn spec(&self, url: &str) -> Result<PathBuf> {
        let spec = json!({
            "outdir": self.folder,
            "cases": self.cases,
            "url": url,
            "servers": [{ "agent": "server", "url": url }],
        });
        let file = self.folder.join("spec.json");
        fs::write(&file, spec.to_string())?;
        Ok(file)
    }

    /// File with all output of wstest, to follow a run and to explain a failed one.
    fn log(&self) -> PathBuf {
        self.folder.join("wstest.log")
    }

    /// Sends the output of `wstest` to the log, which starts anew.
    fn logged<'c>(&self, wstest: &'c mut Command) -> Result<&'c mut Command> {
        let log = File::create(self.log())?;
        Ok(wstest.stdout(log.try_clone()?).stderr(log))
    }

    /// Prints the number of cases and the limit on standard error, before minutes of silence.
    fn say_what_runs(&self) {
        let (count, log) = (self.cases.len(), self.log());
        let minutes = self.limit.as_secs() / 60;
        eprintln!("Running {count} cases, {minutes} minutes at most; follow {}", log.display());
    }

    /// Outcomes from wstest's `index.json`. Fails if a case is missing, as after a crash in the
    /// middle.
    fn outcomes(&self) -> Result<Outcomes> {
        let report = self.folder.join("index.json");
        let report = fs::read_to_string(report).context("wstest left no report")?;
        let outcomes = report::parse(&report)?;
        let (ran, count) = (outcomes.len(), self.cases.len());
        ensure!(ran == count, "Only {ran} of {count} cases ran");
        Ok(outcomes)
    }
}

impl Implementation {
    /// Name of the run's folder and of the record, without its extension.
    fn file_stem(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Terminal => "terminal",
        }
    }

    /// Checked-in record, `docs/conformance/server.md` or `terminal.md`.
    fn record_file(self) -> PathBuf {
        let folder = workspace::root().join("docs/conformance");
        folder.join(self.file_stem()).with_extension("md")
    }

    /// Writes the numbers of outcomes, whether better or worse than the last ones: the difference shows in a review.
    fn record(self, outcomes: &Outcomes) -> Result<()> {
        let file = self.record_file();
        let title = match self {
            Self::Server => "the server",
            Self::Terminal => "the terminal client",
        };
        fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        let record = format!(
            "# Conformance of {title}\n\n\
             Autobahn|Testsuite's cases, as `cargo xtask conformance --record` last counted them. A run fails if a case \
             is\nneither OK nor INFORMATIONAL.\n\n{}",
            report::table(outcomes)
        );
        fs::write(&file, record).with_context(|| format!("Cannot write {}", file.display()))?;
        eprintln!("Recorded in {}", file.display());
        Ok(())
    }
}

/// Fails if a case is neither OK nor informational, and prints those with both grades.
fn check(outcomes: &Outcomes) -> Result<()> {
    let exceptional: Vec<_> =
        outcomes.iter().filter(|(_, outcome)| outcome.is_exceptional()).collect();
    for (id, Outcome { behavior, close }) in &exceptional {
        println!("{id:<8} {behavior:<14} close {close}");
    }
    let (count, of) = (exceptional.len(), outcomes.len());
    ensure!(count == 0, "{count} of {of} cases are neither OK nor INFORMATIONAL");
    Ok(())
}

/// Free address: wstest does not support port 0.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("There is no free port")?;
    Ok(listener.local_addr()?)
}

/// Waits until wstest accepts connections. Fails after [`LISTEN_LIMIT`], or as soon as wstest ends.
fn wait_until_it_listens(address: SocketAddr, wstest: &mut Running) -> Result<()> {
    let start = Instant::now();
    while TcpStream::connect_timeout(&address, POLL_INTERVAL).is_err() {
        if let Some(status) = wstest.0.try_wait()? {
            bail!("wstest ended before it listened ({status})");
        }
        ensure!(start.elapsed() < LISTEN_LIMIT, "wstest does not listen on {address}");
        thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}
