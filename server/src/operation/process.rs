//! Metrics of the process, by the names that Prometheus expects of any program. Linux only.

use std::fmt;

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder};

/// Metrics of the process, read at each scrape.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    #[cfg(target_os = "linux")]
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        // Without /proc there are no figures.
        linux::Figures::read().map_or(Ok(()), |figures| figures.encode(encoder))
    }

    #[cfg(not(target_os = "linux"))]
    fn encode(&self, _: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt;

    use procfs::{ProcResult, WithCurrentSystemInfo, process::LimitValue};
    use prometheus_client::{
        encoding::{DescriptorEncoder, EncodeMetric},
        metrics::{counter::ConstCounter, gauge::ConstGauge},
    };

    /// Figures of the process, in the units of Prometheus: seconds and bytes.
    pub(super) struct Figures {
        /// User and system time.
        cpu_seconds: f64,
        /// Resident set.
        resident_bytes: f64,
        /// Open file descriptors, including connections.
        open_files: f64,
        /// Soft limit on them; infinite for none.
        max_files: f64,
        /// Start, in seconds since 1970.
        start_seconds: f64,
    }

    #[expect(clippy::cast_precision_loss, reason = "figures are far below 2^53")]
    impl Figures {
        /// Reads `/proc/self` and `/proc/stat`.
        pub(super) fn read() -> ProcResult<Self> {
            let process = procfs::process::Process::myself()?;
            let stat = process.stat()?;
            let ticks = procfs::ticks_per_second() as f64;
            Ok(Self {
                cpu_seconds: (stat.utime + stat.stime) as f64 / ticks,
                resident_bytes: stat.rss_bytes().get() as f64,
                open_files: process.fd_count()? as f64,
                max_files: match process.limits()?.max_open_files.soft_limit {
                    LimitValue::Value(files) => files as f64,
                    LimitValue::Unlimited => f64::INFINITY,
                },
                start_seconds: procfs::boot_time_secs()? as f64 + stat.starttime as f64 / ticks,
            })
        }

        /// Encodes the figures with their help texts.
        pub(super) fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
            let mut put = |name, help, metric: &dyn EncodeMetric| {
                metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
            };
            let cpu = ConstCounter::new(self.cpu_seconds);
            put("process_cpu_seconds", "CPU time of the process.", &cpu)?;
            for (name, help, value) in [
                (
                    "process_resident_memory_bytes",
                    "Memory of the process in RAM.",
                    self.resident_bytes,
                ),
                ("process_open_fds", "Open files of the process.", self.open_files),
                ("process_max_fds", "System's limit on open files.", self.max_files),
                (
                    "process_start_time_seconds",
                    "Start of the process, in seconds since 1970.",
                    self.start_seconds,
                ),
            ] {
                put(name, help, &ConstGauge::new(value))?;
            }
            Ok(())
        }
    }
}
