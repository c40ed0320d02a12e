//! Metrics as Prometheus takes them: its own checker, a scrape, and every query of the dashboard.
//! `cargo xtask test` provides it; without it nothing is tested.

use std::{env, net::TcpListener, path::Path, process::Stdio, time::Duration};

use harness::{Program, output, soon, wsbench};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream, process::Command, time::sleep};

use super::ask;

/// Pause between two looks at a server that is not ready.
const PAUSE: Duration = Duration::from_millis(100);

/// Environment variable with the folder of the programs, if they are not on `PATH`.
const FOLDER: &str = "WSBENCH_PROMETHEUS";

/// Command for one of the programs. `None`, with a line that says so, if it is not there.
async fn installed(program: &str) -> Option<Command> {
    let path =
        env::var_os(FOLDER).map_or_else(|| program.into(), |it| Path::new(&it).join(program));
    let mut run = Command::new(&path);
    run.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    if run.status().await.is_err() {
        eprintln!("Left out: {program} is not there (`cargo xtask test server` looks for it).");
        return None;
    }
    Some(Command::new(path))
}

/// A server over TLS, and the address of its metrics.
async fn server() -> (Program, String, String) {
    let mut program = Program::server_here(&["--admin", "127.0.0.1:0", "--tls-self-signed"]);
    let admin = program.admin().await;
    let public = program.address("wss://").await;
    (program, admin, public)
}

/// One client whose messages are echoed, and one that is refused.
async fn make_traffic(public: &str) {
    for (path, is_good) in [("/ws", true), ("/echo?dealy=1s", false)] {
        let url = format!("wss://{public}{path}");
        let (status, _, said) =
            output(&mut wsbench(&[&url, "--insecure", "-x", "hi", "--expect", "hi"])).await;
        assert_eq!(status == Some(0), is_good, "{path}: {said}");
    }
}

#[tokio::test]
async fn its_own_checker_finds_no_fault_with_the_metrics() {
    let Some(mut promtool) = installed("promtool").await else { return };
    let (_program, admin, public) = server().await;
    make_traffic(&public).await;
    let answer = ask(&admin, "/metrics").await;
    let (_, metrics) = answer.split_once("\r\n\r\n").expect("a body");
    assert!(metrics.contains("wsbench_refused_total{reason=\"option\"} 1\n"), "{metrics}");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped());
    let mut promtool = promtool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = promtool.stdin.take().unwrap();
    input.write_all(metrics.as_bytes()).await.unwrap();
    drop(input);
    let output = soon("the check", promtool.wait_with_output()).await.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

/// Result of a query to the Prometheus at `authority`; empty while it does not answer.
async fn query(authority: &str, expr: &str) -> Vec<Value> {
    let Ok(stream) = TcpStream::connect(authority).await else { return Vec::new() };
    let expr = url::form_urlencoded::byte_serialize(expr.as_bytes()).collect::<String>();
    let answer = harness::raw::get(stream, &format!("/api/v1/query?query={expr}")).await;
    let json = answer.find('{').zip(answer.rfind('}'));
    let json =
        json.and_then(|(start, end)| serde_json::from_str::<Value>(&answer[start..=end]).ok());
    let Some(mut json) = json else { return Vec::new() };
    assert_ne!(json["status"], "error", "{expr}: {json}");
    match json["data"]["result"].take() {
        Value::Array(result) => result,
        _ => Vec::new(),
    }
}

/// Queries of the dashboard in `docs/`, with a range in place of Grafana's variable.
fn queries() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/grafana-dashboard.json");
    let dashboard = serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let expr = |target: &Value| target["expr"].as_str().expect("a query").to_owned();
    targets.map(|target| expr(target).replace("$__rate_interval", "5m")).collect()
}

#[tokio::test]
async fn every_query_of_the_dashboard_has_an_answer() {
    let Some(mut prometheus) = installed("prometheus").await else { return };
    let (_program, admin, public) = server().await;
    make_traffic(&public).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("prometheus.yml");
    let text = format!(
        "global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\n\
         scrape_configs:\n- job_name: wsbench\n  static_configs: [{{ targets: ['{admin}'] }}]\n"
    );
    std::fs::write(&config, text).unwrap();
    // Free a moment ago.
    let here = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    prometheus.arg(format!("--config.file={}", config.display()));
    prometheus.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
    prometheus.arg(format!("--web.listen-address={here}"));
    prometheus.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut prometheus = prometheus.kill_on_drop(true).spawn().unwrap();
    let scraping = async {
        while query(&here, "up == 1").await.is_empty() {
            sleep(PAUSE).await;
        }
    };
    soon("a scrape", scraping).await;
    let queries = queries();
    assert!(queries.len() > 10, "{queries:?}");
    for expr in queries {
        // A rate needs a second scrape.
        let answering = async {
            while query(&here, &expr).await.is_empty() {
                sleep(PAUSE).await;
            }
        };
        soon(&expr, answering).await;
    }
    prometheus.kill().await.unwrap();
}
