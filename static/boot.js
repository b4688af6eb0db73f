// Runs before the first paint: the sidebar's width must not jump.
try {
  if (localStorage.getItem("sidebar") === "collapsed") document.documentElement.dataset.sidebar = "collapsed";
} catch {
  // Storage is off: the sidebar is simply open.
}
