// Package pages is the shared look of Bauta's web pages, the playground and the
// console: everything that is the same on both, embedded in the binary, drawn on the
// server, without a build step and without anything from elsewhere.
//
// A site is built once, from the templates and messages of whoever shows it:
//
//	//go:embed templates messages assets
//	var files embed.FS
//
//	site, err := pages.New(pages.Options{
//		Name: "Console", Base: "/console/", Files: files,
//		Styles: []string{"console.css"}, Scripts: []string{"console.js"},
//		Nav: []pages.Link{{Path: "", Text: "nav.overview", Icon: "pulse"}},
//	})
//
// Files has:
//
//	templates/pages/NAME.html    a page: {{define "content"}}; also "title" if it is not the site's name
//	templates/NAME.html          {{define}}s that pages and Fragment use
//	messages/en.json, it.json    what is said, {"key": "text with {name}"}; both have the same keys
//	assets/NAME                  styles, scripts and pictures; {{asset "NAME"}} is the URL
//
// New fails where a language lacks a key, or a template asks for one that is not there.
//
// A handler says Render, and the site's Handler stands around all of them: it sets the
// security headers, refuses what another site's page sends, changes language and theme
// (?lang, ?theme) and serves the assets.
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("GET /console/{$}", func(w http.ResponseWriter, r *http.Request) {
//		site.Render(w, r, pages.Page{Name: "overview", Data: look()})
//	})
//	handler := site.Handler(mux)
//
// In templates:
//
//	{{t "key" "name" value}}     the message in the reader's language
//	{{n "key" 3}}                the message key.one or key.other, with {n}
//	{{icon "share"}}             a drawing that the words beside it explain
//	{{asset "console.css"}}      the URL of an asset
//	{{count 12345}} {{clock .At}} {{moment .At}} {{ago .Duration}}
//	{{json .Body .Marks}}        a JSON document, marked (JSON)
//	{{chart .Chart}}             a plot with a table of its values (Chart)
//	{{with dict "a" 1 "b" 2}}    several values for one template
//
// and the templates "badge", "empty", "field", "tabs" (templates/components.html). The
// classes of pages.css are listed at its head.
//
// A page is live where an element has data-live="URL" and the URL is a Stream: patches
// replace, append or prepend what the element with their Place as its id holds.
//
// What may show a customer's number is inside an element with data-number="may-show";
// nothing else on any page holds one. The console has none.
package pages
