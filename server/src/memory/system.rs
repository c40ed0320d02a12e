//! Memory of the machine, or of the control group that the process runs in (Linux).

use std::{fs, path::Path};

/// Memory assumed where the system does not say: 4 GiB.
const ASSUMED: u64 = 4 << 30;

/// Smallest value that means "no limit": control groups version 1 report a little less than 8 EiB.
const UNLIMITED: u64 = 1 << 60;

/// Divisor of the memory for the default limit. The rest is for the kernel's socket buffers, for
/// memory that is not counted, and for other programs.
const PART: u64 = 4;

/// Default of [`Limits::memory`](crate::Limits::memory): a quarter of the machine's memory, or of
/// the limit of the process's control group.
pub(crate) fn default_limit() -> usize {
    let root = Path::new("/");
    let memory = [machine(root), control_group(root)].into_iter().flatten().min();
    usize::try_from(memory.unwrap_or(ASSUMED) / PART).unwrap_or(usize::MAX)
}

/// Bytes of memory of the machine (`/proc/meminfo`).
fn machine(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    total.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1 << 10)
}

/// Least limit in bytes of the control groups that the process is in, version 1 or 2. In a container
/// the path may be that of the host; then the limit is at the root.
fn control_group(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    // A line is `number:controllers:path`; of version 2, `0::path`.
    let limits = groups.lines().filter_map(|line| {
        let [number, controllers, path] = *line.splitn(3, ':').collect::<Vec<_>>() else {
            return None;
        };
        let (mount, file) = match (number, controllers) {
            ("0", "") => ("sys/fs/cgroup", "memory.max"),
            (_, "memory") => ("sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => return None,
        };
        let mount = root.join(mount);
        // A group is limited by those that it is in, too.
        let groups = mount.join(path.trim_start_matches('/'));
        let inside = groups.ancestors().take_while(|group| group.starts_with(&mount));
        inside
            .filter_map(|group| fs::read_to_string(group.join(file)).ok()?.trim().parse().ok())
            .filter(|limit| *limit < UNLIMITED)
            .min()
    });
    limits.min()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Folder that stands for the root of a machine, removed when dropped.
    struct Machine(PathBuf);

    impl Machine {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let root = std::env::temp_dir().join(format!("wsbench-{name}-{}", std::process::id()));
            for (path, text) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Self(root)
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_memory_of_a_machine_is_in_its_meminfo() {
        let here =
            Machine::new("meminfo", &[("proc/meminfo", "MemTotal:  16 kB\nMemFree: 1 kB\n")]);
        assert_eq!(machine(&here.0), Some(16 << 10));
        assert_eq!(control_group(&here.0), None);
        assert_eq!(machine(Path::new("/none")), None);
    }

    #[test]
    fn the_least_limit_of_nested_control_groups_counts() {
        let second = Machine::new(
            "cgroup2",
            &[
                ("proc/self/cgroup", "0::/system.slice/wsbench.service\n"),
                ("sys/fs/cgroup/system.slice/memory.max", "1000\n"),
                ("sys/fs/cgroup/system.slice/wsbench.service/memory.max", "max\n"),
            ],
        );
        assert_eq!(control_group(&second.0), Some(1000));
        let first = Machine::new(
            "cgroup1",
            &[
                ("proc/self/cgroup", "9:cpu:/\n4:memory:/docker/1\n0::/\n"),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000\n"),
            ],
        );
        assert_eq!(control_group(&first.0), Some(2000), "a container sees its own at the root");
        let unlimited = Machine::new(
            "cgroup1-unlimited",
            &[
                ("proc/self/cgroup", "4:memory:/\n"),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ],
        );
        assert_eq!(control_group(&unlimited.0), None);
    }

    #[test]
    fn the_default_limit_is_more_than_nothing() {
        assert!(default_limit() > 1 << 20);
    }
}
