// Package browser_test looks at Bauta's pages as people do: it starts the program as it is
// built, opens its pages in Chromium, does what a reader would do, at the size of a desk
// and of a phone, dark and light, in every language, and looks for what must not be there:
// errors in the console, what the content security policy refused, what shuts people out
// (axe-core), and numbers that are hidden.
//
// Screenshots are kept in e2e/browser/screenshots, which git ignores: look at them.
package browser_test
