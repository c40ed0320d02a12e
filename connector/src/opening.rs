//! Report of an opening: findings and time of each stage.

use std::{net::SocketAddr, time::Duration};

use session::Stage;
use tokio::time::{Instant, timeout_at};

use crate::{
    handshake::{Head, Response},
    server_url::ServerUrl,
    tls::TlsInfo,
};

/// Time limits of the stages: each for one target, so that a redirect begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits([Duration; Stage::ALL.len()]);

impl Limits {
    /// The same limit for each stage.
    #[must_use]
    pub fn each(limit: Duration) -> Self {
        Self([limit; Stage::ALL.len()])
    }

    /// The same limits, but for one stage.
    #[must_use]
    pub fn with(mut self, stage: Stage, limit: Duration) -> Self {
        self.0[stage as usize] = limit;
        self
    }
}

/// 5 seconds for each stage, 10 for the opening handshake: the server may have to wake up for it.
impl Default for Limits {
    fn default() -> Self {
        Self::each(Duration::from_secs(5)).with(Stage::Http, Duration::from_secs(10))
    }
}

/// Stage that was not done in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{stage} timed out after {} s", limit.as_secs_f64())]
pub(crate) struct TimedOut {
    /// Stage that took too long.
    pub(crate) stage: Stage,
    /// Its limit, or the rest of the total when it began.
    pub(crate) limit: Duration,
}

/// Time of an opening under way: of its stages, and of all together.
#[derive(Clone, Copy)]
pub(crate) struct Deadline {
    /// Limits of the stages.
    pub(crate) limits: Limits,
    /// Limit of all stages together, redirects included.
    pub(crate) total: Duration,
    /// End of the total limit.
    pub(crate) end: Instant,
}

/// Time that each stage took, the unfinished one included. A stage that did not take place has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times([Option<Duration>; Stage::ALL.len()]);

impl Times {
    /// Time of a stage.
    #[must_use]
    pub fn get(&self, stage: Stage) -> Option<Duration> {
        self.0[stage as usize]
    }

    /// Stages that took place, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, Duration)> + '_ {
        Stage::ALL.into_iter().filter_map(|stage| Some((stage, self.get(stage)?)))
    }
}

/// Report of an opening, as far as it came. After redirects, all but those are of the last target.
#[derive(Clone, Debug, Default)]
pub struct OpeningReport {
    /// URLs that redirected, in order, at most 10 (`MAX_REDIRECTS`): the last target may be one of them again.
    pub redirects: Vec<ServerUrl>,
    /// Address of the TCP connection, or tried first: the server's or the proxy's.
    pub address: Option<SocketAddr>,
    /// Result of the TLS handshake.
    pub tls: Option<TlsInfo>,
    /// Head of the request, as it was sent: with credentials.
    pub request: Option<Head>,
    /// Response, of any status.
    pub response: Option<Response>,
    /// Time of each stage.
    pub times: Times,
}

impl OpeningReport {
    /// Performs a stage within its limit and the rest of the total, and records its time.
    pub(crate) async fn within<T, E: From<TimedOut>>(
        &mut self,
        deadline: &Deadline,
        stage: Stage,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let start = Instant::now();
        let limit = deadline.limits.0[stage as usize];
        let (end, limit) = match start.checked_add(limit) {
            Some(end) if end < deadline.end => (end, limit),
            _ => (deadline.end, deadline.total),
        };
        let result = timeout_at(end, work).await;
        self.times.0[stage as usize] = Some(start.elapsed());
        result.unwrap_or_else(|_| Err(TimedOut { stage, limit }.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_stage_has_a_limit_of_its_own_within_that_of_all() {
        let seconds = Duration::from_secs;
        let limits = Limits([1, 2, 3, 4, 5].map(seconds));
        for (stage, limit) in Stage::ALL.into_iter().zip(1..) {
            let start = Instant::now();
            let end = start + seconds(60);
            let deadline = Deadline { limits, total: seconds(60), end };
            let mut report = OpeningReport::default();
            let work = pending::<Result<(), TimedOut>>();
            let error = report.within(&deadline, stage, work).await.unwrap_err();
            assert_eq!((error.stage, error.limit), (stage, seconds(limit)));
            assert_eq!(
                (start.elapsed(), report.times.get(stage)),
                (error.limit, Some(error.limit))
            );
            let deadline = Deadline { total: seconds(1), end: Instant::now(), ..deadline };
            let work = pending::<Result<(), TimedOut>>();
            let error = report.within(&deadline, stage, work).await.unwrap_err();
            assert_eq!((error.stage, error.limit), (stage, seconds(1)));
        }
    }
}
