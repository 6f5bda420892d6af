package console

import (
	"net/http"
	"strings"
)

// routes is the table of everything that is under Base.
func (c *Console) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET "+Base+"login", c.showLogin)
	m.HandleFunc("POST "+Base+"login", c.login)
	m.HandleFunc("POST "+Base+"logout", c.logout)
	for pattern, show := range map[string]showing{
		"{$}":           (*Console).overview,
		"endpoints":     (*Console).endpoints,
		"held":          (*Console).held,
		"deliveries":    (*Console).deliveries,
		"dead-letters":  (*Console).letters,
		"decisions":     (*Console).decisions,
		"sharing":       (*Console).sharing,
		"configuration": (*Console).configuration,
		"journal":       (*Console).journal,
	} {
		m.HandleFunc("GET "+Base+pattern, c.show(show))
	}
	m.HandleFunc("POST "+Base+"deliveries", c.act((*Console).deliveries)) // it changes nothing
	for pattern, live := range map[string]drawing{
		"live/overview/{business}/{span}": (*Console).liveOverview,
		"live/endpoints/{business}":       (*Console).liveEndpoints,
		"live/jobs/{business}":            (*Console).liveJobs,
	} {
		m.HandleFunc("GET "+Base+pattern, c.live(live))
	}
	for pattern, act := range map[string]showing{
		"endpoints/pause":      (*Console).pause,
		"endpoints/resume":     (*Console).resume,
		"endpoints/test":       (*Console).test,
		"endpoints/handshake":  (*Console).handshake,
		"held/release":         (*Console).release,
		"held/drop":            (*Console).dropHeld,
		"dead-letters/replay":  (*Console).replayLetters,
		"dead-letters/drop":    (*Console).dropLetters,
		"dead-letters/begin":   (*Console).begin,
		"dead-letters/cancel":  (*Console).cancel,
		"configuration/reload": (*Console).reload,
	} {
		m.HandleFunc("POST "+Base+pattern, c.act(act))
		// Who asks for what a form was sent to, as a choice of language does, comes to its page.
		page, _, _ := strings.Cut(pattern, "/")
		m.Handle("GET "+Base+pattern, http.RedirectHandler(Base+page, http.StatusSeeOther))
	}
	m.HandleFunc(Base, c.show(func(*Console, *visit) error { return errNoPage }))
	return m
}
