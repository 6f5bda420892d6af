// Package console is the web console of whoever runs Bauta, /console/ on the admin
// listener: a face of webhook/operate, drawn by webhook/pages.
//
// Who comes shows a token with the scope console once, and gets a session: a cookie that
// no script reads and no other site sends. Every form carries a word of the session, and
// every action is in the journal. Nothing here leads from a handle to a number: the
// package asks for counts, times, states and ids of events, and there is nobody it could
// ask for more.
//
// Every page and every form works without scripts; with them numbers are live.
package console
