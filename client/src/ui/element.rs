//! Elements of one type for all of them, whatever their tags, attributes and children.
//!
//! `view!` makes a type, and with it code, of each element with its attributes and of each closure.
//! A part of many small elements is half as long on the wire when it is made this way.

use leptos::{
    ev,
    html::{Custom, custom},
    prelude::*,
    tachys::html::{
        attribute::{
            any_attribute::{AnyAttribute, IntoAnyAttribute},
            custom::custom_attribute,
        },
        event::on,
        node_ref::node_ref,
        property::prop,
        style::style,
    },
};
use wasm_bindgen::{JsCast, JsValue};

/// Where an element will be.
pub(crate) type Place = NodeRef<Custom<&'static str>>;

/// An element that is being described.
pub(crate) struct Element {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

impl Element {
    #[inline(never)]
    pub(crate) fn new(tag: &'static str, class: &str) -> Self {
        let element = Self { tag, attributes: Vec::new(), children: Vec::new() };
        if class.is_empty() { element } else { element.attribute("class", class) }
    }

    /// A button that does no more than `act`.
    pub(crate) fn button(class: &str, act: impl Fn() + 'static) -> Self {
        Self::new("button", class)
            .attribute("type", "button")
            .listen("click", Box::new(move |_| act()))
    }

    #[inline(never)]
    pub(crate) fn attribute(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push(custom_attribute(name, value.to_owned()).into_any_attr());
        self
    }

    /// An attribute that changes with signals. It is there while it has a value.
    pub(crate) fn live(
        self,
        name: &'static str,
        value: impl Fn() -> Option<String> + Send + 'static,
    ) -> Self {
        self.live_attribute(name, Box::new(value))
    }

    #[inline(never)]
    fn live_attribute(
        mut self,
        name: &'static str,
        value: Box<dyn FnMut() -> Option<String> + Send>,
    ) -> Self {
        self.attributes.push(custom_attribute(name, value).into_any_attr());
        self
    }

    /// A property that changes with signals: what a person changes as well, such as the text of an
    /// input.
    pub(crate) fn property<T: Into<JsValue>>(
        self,
        name: &'static str,
        value: impl Fn() -> T + Send + 'static,
    ) -> Self {
        self.live_property(name, Box::new(move || value().into()))
    }

    #[inline(never)]
    fn live_property(
        mut self,
        name: &'static str,
        value: Box<dyn FnMut() -> JsValue + Send>,
    ) -> Self {
        self.attributes.push(prop(name, value).into_any_attr());
        self
    }

    /// A property of its style. As text in an attribute it would be an inline style, which the page's
    /// Content-Security-Policy does not allow.
    pub(crate) fn style(
        mut self,
        name: &'static str,
        value: impl Fn() -> String + Send + 'static,
    ) -> Self {
        let value: Box<dyn FnMut() -> String + Send> = Box::new(value);
        self.attributes.push(style((name, value)).into_any_attr());
        self
    }

    /// Does `act` at each event of this name, which brings an `E`.
    pub(crate) fn on<E: JsCast>(
        self,
        event: &'static str,
        mut act: impl FnMut(E) + 'static,
    ) -> Self {
        self.listen(event, Box::new(move |event| act(event.unchecked_into())))
    }

    #[inline(never)]
    fn listen(mut self, event: &'static str, act: Box<dyn FnMut(ev::Event)>) -> Self {
        self.attributes.push(on(ev::Custom::new(event), act).into_any_attr());
        self
    }

    #[inline(never)]
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.attributes.push(node_ref(place).into_any_attr());
        self
    }

    #[inline(never)]
    pub(crate) fn text(self, text: &str) -> Self {
        self.child(text.to_owned().into_any())
    }

    #[inline(never)]
    pub(crate) fn child(mut self, child: AnyView) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Self::view));
        self
    }

    /// A child that changes with signals.
    pub(crate) fn live_child(self, child: impl Fn() -> AnyView + Send + 'static) -> Self {
        let child: Box<dyn FnMut() -> AnyView + Send> = Box::new(child);
        self.child(child.into_any())
    }

    /// A text that changes with signals.
    pub(crate) fn live_text(self, text: impl Fn() -> String + Send + 'static) -> Self {
        self.live_child(move || text().into_any())
    }

    #[inline(never)]
    pub(crate) fn view(self) -> AnyView {
        custom(self.tag).add_any_attr(self.attributes).child(self.children).into_any()
    }
}
