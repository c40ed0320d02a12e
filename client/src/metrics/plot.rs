//! Plot: the lines of a chart as SVG.

use leptos::prelude::*;
use workbench::metrics::{Chart, HEIGHT, WIDTH};

/// Lines of a chart, stretched to the size of the element, with a vertical line at second `cursor`
/// of the minute. Coordinates are those of [`Chart`]; the style sheet keeps the width of strokes.
#[component]
pub(super) fn Plot(
    class: &'static str,
    chart: Memo<Chart>,
    /// Index of the second under the cursor; without, no line is drawn.
    #[prop(into, optional)]
    cursor: Signal<Option<usize>>,
) -> impl IntoView {
    let line = move |index: usize| chart.with(|chart| chart.lines[index].clone());
    view! {
        <svg
            class=class
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path class="grid" d=move || chart.with(|chart| chart.scale.grid()) />
            <path class="solid" d=move || line(1) />
            <path class="dashed" d=move || line(0) />
            <path
                class="cursor"
                d=move || cursor.get().map(|second| format!("M{second} 0V{HEIGHT}"))
            />
        </svg>
    }
}
