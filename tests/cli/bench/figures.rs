//! `wsbench bench` beside an independent client, and its figures one by one.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use harness::{Client, Server, connect, soon};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::mpsc,
    time::{Instant, interval, sleep, sleep_until, timeout_at},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{other_server, output};

/// Runs `wsbench bench --json`. Returns status, report and standard error.
async fn bench(arguments: &[&str]) -> (Option<i32>, Value, String) {
    let (status, text, said) = output(&[&["bench", "--json"], arguments].concat()).await;
    let report = serde_json::from_str(&text);
    (status, report.unwrap_or_else(|error| panic!("{error}: {text}{said}")), said)
}

fn count(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap_or_else(|| panic!("{key} in {report}"))
}

fn micros(report: &Value, key: &str) -> f64 {
    report["latency_us"][key].as_f64().unwrap_or_else(|| panic!("{key} in {report}"))
}

/// Open model of another program: sends `count` numbered messages on a schedule. Returns the latencies
/// from the scheduled times of those whose echo came, in order of size.
async fn measure_independently(client: Client, count: u32, every: Duration) -> Vec<Duration> {
    let (mut outgoing, mut incoming) = client.split();
    let start = Instant::now();
    let send = async {
        let mut due = interval(every);
        for number in 0..count {
            due.tick().await;
            outgoing.send(Message::text(number.to_string())).await.unwrap();
        }
    };
    let receive = async {
        let deadline = start + every * count + Duration::from_secs(2);
        let mut latencies = Vec::new();
        while let Ok(Some(message)) = timeout_at(deadline, incoming.next()).await {
            let number: u32 = message.unwrap().to_text().unwrap().parse().unwrap();
            latencies.push(start.elapsed().saturating_sub(every * number));
            if latencies.len() == count as usize {
                break;
            }
        }
        latencies.sort();
        latencies
    };
    futures::join!(send, receive).1
}

/// Requires that percentiles of the latency are those of the independent client, within a factor of two. A busy
/// machine may hold up one of the two: they have a few attempts.
async fn compare(url: &str, percentiles: &[usize]) {
    const ATTEMPTS: usize = 4;
    let mut differences = Vec::new();
    while differences.len() < ATTEMPTS {
        let latencies =
            measure_independently(connect(url).await, 100, Duration::from_millis(10)).await;
        let (status, report, said) =
            bench(&[url, "-c", "1", "-r", "100", "-d", "1s", "-w", "0s"]).await;
        assert_eq!((status, &*said), (Some(0), ""), "{report}");
        assert_eq!((count(&report, "answered"), latencies.len()), (100, 100), "{report}");
        assert_eq!(report["rate_reached"], true, "{report}");
        let ratio = |percentile: &usize| {
            let independent = latencies[99 * percentile / 100].as_secs_f64() * 1e6;
            micros(&report, &format!("p{percentile}")) / independent
        };
        let ratios: Vec<f64> = percentiles.iter().map(ratio).collect();
        if ratios.iter().all(|ratio| (0.5..2.0).contains(ratio)) {
            return;
        }
        differences.push(ratios);
    }
    panic!("{percentiles:?} of {url} differ by {differences:?}");
}

#[tokio::test]
async fn delay_and_jitter_are_what_another_client_measures() {
    let server = Server::start().await;
    for options in ["delay=100ms", "delay=50ms&jitter=100ms"] {
        compare(&server.ws(&format!("/echo?{options}")), &[50, 90]).await;
    }
}

#[tokio::test]
async fn the_series_shows_the_second_in_which_a_peer_stalled() {
    // Answers at once, but not around the second second.
    let url = other_server(async |mut socket| {
        let start = Instant::now();
        while let Some(Ok(message)) = socket.next().await {
            if (600..2_600).contains(&start.elapsed().as_millis()) {
                sleep_until(start + Duration::from_millis(2_600)).await;
            }
            let _ = socket.send(message).await;
        }
    })
    .await;
    let (status, report, _) = bench(&[&url, "-c", "1", "-r", "100", "-d", "3s", "-w", "0s"]).await;
    assert_eq!(status, Some(0), "{report}");
    let series = report["series"].as_array().unwrap();
    let answered: Vec<_> = series.iter().map(|second| count(second, "answered")).collect();
    assert_eq!(answered.iter().sum::<u64>(), count(&report, "answered"), "{report}");
    assert!(answered[0] > 0 && answered[1] == 0 && answered[2] > 0, "{report}");
    assert_eq!(series[1]["latency_us"]["max"], Value::Null, "{report}");
    assert!(series[2]["latency_us"]["max"].as_u64() > Some(1_000_000), "{report}");
}

#[tokio::test]
async fn stalls_are_what_another_client_measures() {
    // Half a second after each 50th message: half of the messages are late.
    let url = other_server(async |mut socket| {
        let mut echoes = 0;
        while let Some(Ok(message)) = socket.next().await {
            if echoes % 50 == 0 {
                sleep(Duration::from_millis(500)).await;
            }
            echoes += 1;
            let _ = socket.send(message).await;
        }
    })
    .await;
    compare(&url, &[50, 75, 90]).await;
}

/// The server drops by chance, but with a seed the same ones.
#[tokio::test]
async fn dropped_echoes_are_missing_as_for_another_client() {
    let server = Server::start().await;
    let url = server.ws("/echo?drop=0.1&seed=7");
    let client = connect(&url).await;
    let answered = measure_independently(client, 500, Duration::from_millis(2)).await.len() as u64;
    assert!((400..490).contains(&answered));
    let arguments = [&*url, "-c", "1", "-r", "500", "-d", "1s", "-w", "0s"];
    let arguments = [&arguments[..], &["--answer-timeout", "1s"]].concat();
    let (status, report, said) = bench(&arguments).await;
    assert_eq!(status, Some(3), "{report}");
    assert_eq!((count(&report, "sent"), count(&report, "not_sent")), (500, 0), "{report}");
    assert_eq!(count(&report, "answered"), answered, "{report}");
    assert_eq!(count(&report, "unanswered"), 500 - answered, "{report}");
    assert!(said.contains(&format!("{} of 500 messages are missing", 500 - answered)), "{said}");
    let tolerant = [&arguments[..], &["--fail-if", "missing>50%"]].concat();
    let (status, report, said) = bench(&tolerant).await;
    assert_eq!((status, &*said), (Some(0), ""), "{report}");
}

/// Messages that cannot be sent are not kept.
#[tokio::test]
async fn a_rate_that_is_not_reached_is_a_failure_in_bounded_memory() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let arguments = ["bench", "--json", &url, "-r", "10000000", "-c", "2", "-d", "1s", "-w", "0s"];
    let mut command = crate::command(&arguments);
    let pipes = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = pipes.kill_on_drop(true).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut peak = 0;
    let ended = async { soon("the end", child.wait_with_output()).await.unwrap() };
    let watched = async {
        loop {
            if let Ok(status) = std::fs::read_to_string(&status)
                && let Some(line) = status.lines().find(|line| line.starts_with("VmHWM:"))
            {
                peak = line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap();
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let output = tokio::select! {
        output = ended => output,
        () = watched => unreachable!("it watches until the end"),
    };
    let said = String::from_utf8(output.stderr).unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{report}");
    assert!(
        said.contains("The rate was not reached: ") && said.contains(" of 10,000,000"),
        "{said}"
    );
    assert_eq!(report["rate_reached"], false, "{report}");
    let due = count(&report, "sent") + count(&report, "not_sent");
    assert_eq!(due, 10_000_000, "{report}");
    assert!(count(&report, "not_sent") > 0, "{report}");
    if cfg!(target_os = "linux") {
        assert!((1..128 << 10).contains(&peak), "{peak} KiB");
    }
}

#[tokio::test]
async fn a_peer_that_reads_nothing_leaves_messages_unsent() {
    let url = other_server(async |socket| {
        let _open = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let arguments = ["-c", "1", "-r", "1000", "-s", "1MiB", "-d", "500ms", "-w", "0s"];
    let arguments = [&arguments[..], &["--answer-timeout", "100ms", &*url]].concat();
    let (status, report, _) = bench(&arguments).await;
    assert_eq!(status, Some(3), "{report}");
    let (sent, not_sent) = (count(&report, "sent"), count(&report, "not_sent"));
    assert_eq!(sent + not_sent, 500, "{report}");
    assert!(not_sent > sent, "{report}");
    assert_eq!(count(&report, "unanswered"), sent, "{report}");
}

#[tokio::test]
async fn pushes_are_not_answers() {
    let server = Server::start().await;
    let arguments = ["-c", "2", "-d", "1500ms", "-w", "0s", "--answer-timeout", "100ms"];
    let (status, report, said) = bench(&[&arguments[..], &[&server.ws("/time")]].concat()).await;
    assert_eq!(status, Some(3), "{report}");
    assert_eq!((count(&report, "messages"), &report["latency_us"]), (0, &Value::Null), "{report}");
    assert!(count(&report, "pushes") > 0 && count(&report, "unanswered") > 0, "{report}");
    assert!(said.contains("missing"), "{said}");
}

/// A second echo is no answer.
#[tokio::test]
async fn each_answer_belongs_to_one_message() {
    let server = Server::start().await;
    let url = server.ws("/echo?duplicate=1&reorder=4");
    let arguments = [&*url, "-c", "2", "-r", "400", "-d", "500ms", "-w", "0s"];
    let (_, report, _) = bench(&[&arguments[..], &["--answer-timeout", "200ms"]].concat()).await;
    assert_eq!((count(&report, "sent"), count(&report, "answered")), (200, 200), "{report}");
    assert!(count(&report, "pushes") > 100, "{report}");
}

#[tokio::test]
async fn a_lost_answer_blocks_nothing() {
    let url = other_server(async |mut socket| {
        socket.next().await;
        while let Some(Ok(message)) = socket.next().await {
            let _ = socket.send(message).await;
        }
    })
    .await;
    let arguments = ["-c", "1", "-d", "1s", "-w", "0s", "--answer-timeout", "100ms", &*url];
    let (status, report, _) = bench(&arguments).await;
    assert_eq!((status, count(&report, "unanswered")), (Some(3), 1), "{report}");
    assert!(count(&report, "answered") > 10, "{report}");
}

#[tokio::test]
async fn errors_are_a_figure_of_their_own() {
    let url = other_server(async |mut socket| {
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() {
                let _ = socket.send(Message::text("{\"error\": \"busy\"}")).await;
            }
        }
    })
    .await;
    let arguments = ["-c", "1", "-r", "100", "-d", "500ms", "-w", "0s", &*url];
    let (status, report, said) = bench(&[&arguments[..], &["--error", "\"error\""]].concat()).await;
    assert_eq!((status, count(&report, "answered_with_error")), (Some(3), 50), "{report}");
    assert_eq!((count(&report, "answered"), count(&report, "missing")), (0, 0), "{report}");
    assert!(said.contains("50 messages were answered with an error."), "{said}");
    // Echoes that are cut short.
    let url = other_server(async |mut socket| {
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            let _ = socket.send(Message::text(text[..20].to_owned())).await;
        }
    })
    .await;
    let arguments = ["-c", "1", "-r", "100", "-d", "500ms", "-w", "0s", &*url];
    let (status, report, _) = bench(&arguments).await;
    assert_eq!((status, count(&report, "answered_with_error")), (Some(3), 50), "{report}");
}

#[tokio::test]
async fn payloads_of_any_kind_are_recognized() {
    let server = Server::start().await;
    let url = server.ws("/ws");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payload");
    std::fs::write(&path, [0xff; 100]).unwrap();
    let path = path.to_str().unwrap();
    for (payload, size) in [
        (&["-s", "0"][..], 0),
        (&["-s", "3", "-b"], 3),
        (&["-s", "100KiB"], 102_400),
        (&["-s", "100", "-b"], 100),
        (&["--text", "안녕"], 6),
        (&["--text", "hi", "--answers", "any"], 2),
        (&["--file", path, "-b"], 100),
    ] {
        let arguments = [&*url, "-c", "2", "-r", "200", "-d", "200ms", "-w", "0s"];
        let (status, report, said) = bench(&[&arguments[..], payload].concat()).await;
        assert_eq!((status, &*said), (Some(0), ""), "{payload:?}: {report}");
        assert_eq!((count(&report, "size"), count(&report, "answered")), (size, 40), "{report}");
    }
    let (status, _, said) = output(&["bench", &url, "--file", path]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("not UTF-8; use --binary to send bytes"), "{said}");
}

#[tokio::test]
async fn text_is_sent_as_it_is() {
    let (sender, mut received) = mpsc::channel(10);
    let url = other_server(move |mut socket| {
        let sender = sender.clone();
        async move {
            while let Some(Ok(message)) = socket.next().await {
                let _ = sender.try_send(message.clone());
                let _ = socket.send(message).await;
            }
        }
    })
    .await;
    let arguments = ["-c", "1", "-d", "100ms", "-w", "0s", "--text", "{\"id\": 7}", &*url];
    let (status, report, _) = bench(&arguments).await;
    assert_eq!(status, Some(0), "{report}");
    assert_eq!(report["requested"]["payload"], "text", "{report}");
    assert_eq!(soon("a message", received.recv()).await.unwrap(), Message::text("{\"id\": 7}"));
}

#[tokio::test]
async fn thresholds_name_what_was_measured() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let arguments = [&*url, "-c", "1", "-r", "100", "-d", "300ms", "-w", "0s"];
    let holding = ["--fail-if", "p50 > 1ns", "--fail-if", "rate<1000", "--fail-if", "max>1h"];
    let (status, report, said) = bench(&[&arguments[..], &holding].concat()).await;
    assert_eq!(status, Some(3), "{report}");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("Threshold reached: p50 > 1ns (measured "), "{said}");
    let rate = format!("(measured {:.1})", report["messages_per_second"].as_f64().unwrap());
    assert!(lines[1].starts_with(&format!("Threshold reached: rate<1000 {rate}")), "{said}");
    assert_eq!(report["failed"], serde_json::json!(lines), "{report}");
    assert_eq!(report["requested"]["fail_if"].as_array().unwrap().len(), 3, "{report}");
    let (status, _, said) = output(&["bench", &url, "--fail-if", "p99=1s"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("like p99>50ms, missing>0.1% or rate<1000"), "{said}");
}

#[tokio::test]
async fn several_servers_share_the_load() {
    let (one, other) = (Server::start().await, Server::start().await);
    let urls = [one.ws("/echo"), other.ws("/echo?drop=1")];
    let load = ["-c", "4", "-r", "200", "-d", "500ms", "-w", "0s", "--answer-timeout", "200ms"];
    let (status, report, _) = bench(&[&load[..], &[&urls[0], &urls[1]]].concat()).await;
    assert_eq!((status, count(&report, "sent")), (Some(3), 100), "{report}");
    let [first, second] = &report["per_url"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!((&first["url"], &second["url"]), (&(&*urls[0]).into(), &(&*urls[1]).into()));
    assert_eq!((count(first, "connections"), count(second, "connections")), (2, 2));
    assert_eq!((count(first, "answered"), count(first, "missing")), (50, 0), "{report}");
    assert_eq!((count(second, "answered"), count(second, "unanswered")), (0, 50), "{report}");
    let compared = [&urls[0], &*urls[1], "--compare", &urls[0]];
    let (status, _, said) = output(&[&["bench"], &compared[..]].concat()).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("--compare compares two servers"), "{said}");
}

#[tokio::test]
async fn a_ramp_opens_connections_one_by_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let (sender, mut opened) = mpsc::channel(100);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = sender.try_send(Instant::now());
            tokio::spawn(async move {
                let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                let (outgoing, incoming) = socket.split();
                // Ended by the client's Close frame.
                let _ = incoming.forward(outgoing).await;
            });
        }
    });
    let ramp = Duration::from_secs(1);
    let arguments = ["-c", "5", "-r", "500", "-d", "500ms", "-w", "0s", "--ramp", "1s", &*url];
    let (status, report, said) = bench(&arguments).await;
    assert_eq!((status, &*said), (Some(0), ""), "{report}");
    let sent = count(&report, "sent");
    assert!((248..=252).contains(&sent), "{report}");
    let mut times = Vec::new();
    while let Ok(time) = opened.try_recv() {
        times.push(time);
    }
    assert_eq!(times.len(), 5);
    assert!(times[4] - times[0] > ramp / 2, "{times:?}");
}

/// The second connection waits for the first to end.
#[tokio::test]
async fn connections_that_a_ramp_does_not_open_have_failed() {
    let url = other_server(async |mut socket| while socket.next().await.is_some() {}).await;
    let arguments = ["-c", "2", "-d", "200ms", "-w", "0s", "--ramp", "100ms", &*url];
    let (status, report, _) =
        bench(&[&arguments[..], &["--answer-timeout", "100ms"]].concat()).await;
    assert_eq!((status, count(&report, "connections")), (Some(1), 1), "{report}");
    assert_eq!(report["errors"], serde_json::json!({"not open before the end": 1}), "{report}");
}

#[tokio::test]
async fn pushes_alone_are_measured() {
    let server = Server::start().await;
    let url = server.ws("/stream?rate=100/s");
    let arguments = [&*url, "--receive-only", "-c", "2", "-d", "1s", "-w", "100ms"];
    let (status, report, said) = bench(&arguments).await;
    assert_eq!((status, &*said), (Some(0), ""), "{report}");
    assert!((150..=250).contains(&count(&report, "pushes")), "{report}");
    assert_eq!(count(&report, "sent"), 0, "{report}");
    let silent = [&*server.ws("/echo"), "--receive-only", "-c", "2", "-d", "100ms", "-w", "0s"];
    let (status, _, said) = bench(&silent).await;
    assert_eq!((status, said.trim()), (Some(3), "Nothing was received."));
}

#[tokio::test]
async fn logs_of_latencies_are_merged() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let paths = ["one.hlog", "two.hlog"].map(|name| folder.path().join(name));
    let paths = paths.each_ref().map(|path| path.to_str().unwrap());
    let slow = [server.ws("/echo"), server.ws("/echo?delay=100ms")];
    let mut reports = Vec::new();
    for (path, url) in paths.iter().zip(&slow) {
        let arguments = [url, "-c", "2", "-r", "100", "-d", "1500ms", "-w", "0s", "--hdr", path];
        let (status, report, _) = bench(&arguments).await;
        assert_eq!(status, Some(0), "{report}");
        reports.push(report);
    }
    let log = std::fs::read_to_string(paths[0]).unwrap();
    assert!(
        log.contains("#[BaseTime: ") && log.lines().any(|line| line.contains(",HISTF")),
        "{log}"
    );
    let (status, text, said) = output(&["bench", "merge", "--json", paths[0], paths[1]]).await;
    assert_eq!((status, &*said), (Some(0), ""));
    let merged: Value = serde_json::from_str(&text).unwrap();
    for key in ["messages", "sent", "answered"] {
        assert_eq!(count(&merged, key), 300, "{key} in {merged}");
    }
    assert!((micros(&merged, "max") / micros(&reports[1], "max") - 1.0).abs() < 0.01, "{merged}");
    assert!((micros(&merged, "min") / micros(&reports[0], "min") - 1.0).abs() < 0.01, "{merged}");
    assert!(merged["seconds"].as_f64().unwrap() >= 3.0, "{merged}");
    let (_, table, _) = output(&["bench", "merge", paths[0], paths[1]]).await;
    assert!(table.starts_with("2 logs, ") && table.contains("  Messages  300, "), "{table}");
    std::fs::write(paths[1], log.replace("HISTF", "HISTX")).unwrap();
    let (status, _, said) = output(&["bench", "merge", paths[0], paths[1]]).await;
    assert_eq!(status, Some(1));
    assert!(said.starts_with(&format!("Cannot read {}: ", paths[1])), "{said}");
    let nowhere = ["bench", &slow[0], "-c", "1", "-d", "100ms", "--hdr", "/nowhere/at.hlog"];
    let (status, _, said) = output(&nowhere).await;
    assert_eq!(status, Some(1));
    assert!(said.starts_with("Cannot write /nowhere/at.hlog: "), "{said}");
}
