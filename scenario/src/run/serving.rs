//! Clients of a mock: from a request to the run that answers it.

use std::sync::Arc;

use session::Time;
use workbench::compose::{FillError, Values};

use super::{
    Run,
    lane::{Lane, Progress, wait},
    peer::{Counterpart, State},
    plan::{Plan, set_variables},
    program::{Instruction, Operation, compile},
    verdict::{Failure, failure},
};
use crate::{
    duration,
    syntax::{ConnectOption, Scenario, Serve, Span, Statement, StatementKind},
};

/// Request of a client to open a connection. The server has parsed it; nothing was answered yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Path, percent-encoded.
    pub path: String,
    /// Parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// Headers as names and values.
    pub headers: Vec<(String, String)>,
    /// Subprotocols that the client offers.
    pub subprotocols: Vec<String>,
}

/// Answer of a mock to a request. Errors of the file are not among them.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Opens the connection: the run with this client, as its connection 0.
    Open {
        /// Index of the path in [`Scenario::serves`].
        serve: usize,
        /// Selected subprotocol, if the file names any.
        subprotocol: Option<String>,
        /// Run that is open from its first update on.
        run: Box<Run>,
    },
    /// Refuses the opening handshake with an HTTP status.
    Refuse {
        /// Index of the path in [`Scenario::serves`].
        serve: usize,
        /// HTTP status.
        status: u16,
    },
    /// Path served to other clients only: the places of the conditions that the request does not
    /// meet.
    Unmet(Vec<Span>),
    /// Path that is not served.
    Unknown,
}

impl Serve {
    /// True if there is a path that both serve; `path` may have parameters, too.
    #[must_use]
    pub fn overlaps(&self, path: &str) -> bool {
        crate::path::Path::parse::<String>(path, |_| Ok(()))
            .is_ok_and(|path| self.pattern.overlaps(&path))
    }

    /// Places of the steps and of the `on` rules, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Span> {
        fn collect(steps: &[Statement], into: &mut Vec<Span>) {
            for Statement { span, kind } in steps {
                match kind {
                    StatementKind::Repeat(_, steps)
                    | StatementKind::Every(_, _, steps)
                    | StatementKind::Parallel(steps) => {
                        collect(steps, into);
                    }
                    _ => into.push(span.clone()),
                }
            }
        }
        let rules = self.options.iter();
        let rules = rules.filter(|(_, option)| matches!(option, ConnectOption::On(..)));
        let mut spans = rules.map(|(span, _)| span.clone()).collect();
        collect(&self.steps, &mut spans);
        spans
    }
}

/// File that serves paths. Each is compiled once, and shared by its clients.
#[derive(Debug)]
pub struct Mock {
    scenario: Scenario,
    paths: Vec<CompiledPath>,
}

/// Path with what its clients share.
#[derive(Debug)]
struct CompiledPath {
    plan: Plan,
    options: Arc<[(Span, ConnectOption)]>,
}

impl Mock {
    /// Compiles the paths of a file.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let paths = scenario.serves.iter().map(|serve| {
            let mut program = compile([&serve.steps]);
            let last = serve.steps.last().map_or(&serve.span, |step| &step.span).clone();
            // Before its end: a mock stays until the client goes.
            let linger = Instruction { span: last, operation: Operation::Linger };
            program.insert(program.len() - 1, linger);
            let plan = Plan::of_program(&scenario, program);
            CompiledPath { plan, options: serve.options.clone().into() }
        });
        Self { paths: paths.collect(), scenario }
    }

    /// File that it was made of.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Answers a request by the first path whose conditions it meets. Parameters of the path take
    /// precedence over `values`, and these over the file's variables.
    ///
    /// # Errors
    /// A sentence, if a variable of the file or of a condition is not known.
    pub fn answer(&self, request: &Request, values: &Values) -> Result<Answer, String> {
        let mut unmet: Option<Vec<Span>> = None;
        // Paths in a row with the same parameters have the same variables.
        let mut filled = (None, Values::new(0));
        for (index, serve) in self.scenario.serves.iter().enumerate() {
            let Some(parameters) = serve.pattern.parameters(&request.path) else { continue };
            if filled.0.as_ref() != Some(&parameters) {
                let mut values = values.clone();
                values.variables.splice(0..0, parameters.clone());
                set_variables(&self.scenario.variables, &mut values)?;
                filled = (Some(parameters), values);
            }
            // What conditions of a path draw that is not met is not missing for the next one.
            let (seq, random) = (filled.1.seq, filled.1.random.clone());
            match admit(serve, request, &mut filled.1).map_err(|error| error.to_string())? {
                Admission::Open(subprotocol) => {
                    let run = Box::new(self.open(index, filled.1));
                    return Ok(Answer::Open { serve: index, subprotocol, run });
                }
                Admission::Refuse(status) => return Ok(Answer::Refuse { serve: index, status }),
                Admission::Unmet(span) => {
                    (filled.1.seq, filled.1.random) = (seq, random);
                    unmet.get_or_insert_default().push(span.clone());
                }
            }
        }
        Ok(unmet.map_or(Answer::Unknown, Answer::Unmet))
    }

    /// A run with one client, whose connection is open. Its first update does the first steps.
    fn open(&self, serve: usize, values: Values) -> Run {
        let CompiledPath { plan, options } = &self.paths[serve];
        let mut run = Run::of_plan(plan.clone(), values);
        let span = self.scenario.serves[serve].span.clone();
        let mut peer = Counterpart::new(None, span, Arc::clone(options));
        peer.state = State::Open;
        run.names.insert(String::new(), 0);
        run.peers.push(peer);
        run
    }
}

/// Result of the conditions of one path.
enum Admission<'a> {
    /// All are met, with the selected subprotocol.
    Open(Option<String>),
    /// All are met, by a path that refuses with this status.
    Refuse(u16),
    /// Place of the first one that is not met.
    Unmet(&'a Span),
}

/// Checks the conditions of a path: headers and query parameters by equality, and at least one
/// subprotocol in common, of which the first of the file is selected (RFC 6455, section 4.2.2).
fn admit<'a>(
    serve: &'a Serve,
    request: &Request,
    values: &mut Values,
) -> Result<Admission<'a>, FillError> {
    let (mut selected, mut refused) = (None, None);
    for (span, option) in &serve.options {
        let is_met = match option {
            ConnectOption::Header(wanted, value) => {
                let value = value.fill(values)?;
                let mut headers = request.headers.iter();
                headers.any(|(name, given)| name.eq_ignore_ascii_case(wanted) && *given == value)
            }
            ConnectOption::Query(wanted, value) => {
                let value = value.fill(values)?;
                request.query.iter().any(|(name, given)| name == wanted && *given == value)
            }
            ConnectOption::Subprotocols(names) => {
                for name in names {
                    let name = name.fill(values)?;
                    if selected.is_none() && request.subprotocols.iter().any(|it| *it == name) {
                        selected = Some(name.into_owned());
                    }
                }
                selected.is_some()
            }
            ConnectOption::Refuse(status) => {
                refused = Some(*status);
                true
            }
            ConnectOption::Compression(_) | ConnectOption::Ignore(_) | ConnectOption::On(..) => {
                true
            }
        };
        if !is_met {
            return Ok(Admission::Unmet(span));
        }
    }
    Ok(refused.map_or(Admission::Open(selected), Admission::Refuse))
}

impl Run {
    /// Moves to the end of the conversation, without the steps that are left. Arrivals are dropped.
    pub(super) fn skip_to_end(&mut self) {
        let linger = self.plan.0.program.len().saturating_sub(2);
        self.lanes = vec![Lane::new(linger)];
        for peer in &mut self.peers {
            peer.discard();
        }
    }

    /// Waits for the end of the connection, after the last step. A message that no step or rule
    /// takes fails the run. The client is waited for up to a day.
    pub(super) fn linger(
        &self,
        span: &Span,
        after: usize,
        since: Time,
        now: Time,
    ) -> Result<Progress, Failure> {
        let Some(peer) = self.peers.first() else { return Ok(Progress::Jump(after)) };
        if peer.next_message().is_some() && !peer.has_closed {
            let message = "No step or rule for this message.";
            return Err(failure(peer, span, message));
        }
        Ok(match peer.state {
            State::Closed(_) | State::Violated(_) => Progress::Jump(after),
            _ => match wait(since, duration::LONGEST, now) {
                Progress::Next => Progress::Jump(after),
                waits => waits,
            },
        })
    }

    /// Sets the seed of its random values; to be called before the first update.
    pub fn seed(&mut self, seed: u64) {
        self.values.random = Values::new(seed).random;
    }

    /// Payload bytes of messages and control frames that wait for a step, for a limit over all
    /// clients.
    #[must_use]
    pub fn held(&self) -> usize {
        self.peers.iter().map(Counterpart::held).sum()
    }

    /// Bytes of the values of all variables, for the same limit: the client's messages are captured into them.
    #[must_use]
    pub fn variable_bytes(&self) -> usize {
        self.values.variables.iter().map(|(_, value)| value.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn request() -> Request {
        Request { path: "/a".to_owned(), ..Request::default() }
    }

    #[test]
    fn clients_of_a_path_share_its_steps_and_rules() {
        let mock = Mock::new(parse("serve /a\n  on \"2\" > 3\n> hi\n").expect("it is right"));
        let [one, other] = [(); 2].map(|()| match mock.answer(&request(), &Values::new(1)) {
            Ok(Answer::Open { run, .. }) => run,
            other => panic!("{other:?}"),
        });
        assert!(Arc::ptr_eq(&one.plan.0, &other.plan.0));
        assert!(Arc::ptr_eq(&one.peers[0].options, &other.peers[0].options));
    }

    #[test]
    fn variables_are_filled_once_for_all_paths_of_a_request() {
        let mock = |size| {
            let variables = (0..size).map(|it| format!("@v{it} = x\n"));
            let paths = (0..size).map(|it| format!("serve /a\n  header X: {it}\n> hi\n"));
            Mock::new(parse(&variables.chain(paths).collect::<String>()).expect("it is right"))
        };
        growth::assert_linear(2_000, mock, |mock| {
            assert!(matches!(mock.answer(&request(), &Values::new(1)), Ok(Answer::Unmet(_))));
        });
    }
}
