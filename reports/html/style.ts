/** The page's only style sheet; colours follow the reader's light or dark scheme. */
export const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e8ea); --soft: light-dark(#6b7480, #98a1ab);
  --line: light-dark(#e3e6ea, #30363d); --paper: light-dark(#fff, #14171a); --panel: light-dark(#f6f7f9, #1c2024);
  --active: #2f81f7; --standby: #8fb8de; --sealed: #d9a441; --down: #c0392b; --ok: #3a9a5f; --bad: #d1242f; --unknown: #b26bd6; }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1160px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 22px; margin: 0 0 8px; } h2 { font-size: 16px; margin: 28px 0 4px; } .note { color: var(--soft); margin: 0 0 8px; }
pre { background: var(--panel); padding: 8px 12px; overflow-x: auto; border-radius: 6px; font-size: 12px; }
dl { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 12px 0; } dt { color: var(--soft); font-size: 12px; } dd { margin: 0; font-variant-numeric: tabular-nums; }
.verdict { padding: 2px 10px; border-radius: 6px; color: #fff; font-size: 16px; } .passed { background: var(--ok); } .failed.verdict { background: var(--bad); }
.violations { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 500; } td, th { padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr.fault td, tr.violation td { color: var(--bad); font-weight: 600; } tr.client td { color: var(--unknown); }
svg { width: 100%; height: auto; } .tick { stroke: var(--line); } .label { fill: var(--soft); font-size: 11px; } .name { fill: var(--ink); font-size: 12px; }
.band { fill: var(--bad); opacity: .14; } circle.ok { fill: var(--ok); opacity: .55; } circle.failed { fill: var(--bad); } circle.unknown { fill: var(--unknown); }
.state.active, .key.active { fill: var(--active); background: var(--active); } .state.standby, .key.standby { fill: var(--standby); background: var(--standby); }
.state.sealed, .key.sealed { fill: var(--sealed); background: var(--sealed); } .state.uninitialised, .key.uninitialised { fill: var(--line); background: var(--line); }
.state.down, .key.down { fill: var(--down); background: var(--down); opacity: .8; } .mark { fill: var(--soft); } .mark.raft-timeout { fill: var(--sealed); } .mark.raft-vote { fill: var(--unknown); }
.load { fill: var(--standby); } .load:hover { fill: var(--active); }
.key.uninitialised { color: var(--soft); } .legend { margin: 0 0 4px; } .key { color: #fff; padding: 1px 8px; border-radius: 4px; margin-right: 6px; font-size: 12px; }
`;
