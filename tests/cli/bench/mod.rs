//! `wsbench bench`.

mod figures;
mod load;
mod scenario;
