package graph

import (
	"bytes"
	"net/url"
	"strings"
)

// forgotten stands where an answer held the access token.
const forgotten = "[access token]"

// forget takes the access token out of an answer, where a text quotes the request
// or a page's URL repeats it: the caller must not have it.
func (a *Answer) forget(token string) {
	for _, notation := range []string{token, strings.ReplaceAll(token, "/", `\/`), url.QueryEscape(token)} {
		if bytes.Contains(a.Body, []byte(notation)) {
			a.Body = bytes.ReplaceAll(a.Body, []byte(notation), []byte(forgotten))
		}
		for name, values := range a.Header {
			if strings.Contains(strings.Join(values, ","), notation) {
				a.Header.Del(name)
			}
		}
	}
}
