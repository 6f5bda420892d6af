package e2e

import (
	"fmt"
	"net/http"
	"time"
)

// misbehave lets the busy business's endpoint answer otherwise for a while, in one
// manner after the other.
func (w *storm) misbehave(manners ...func(http.ResponseWriter, *http.Request)) {
	for _, manner := range manners {
		w.busy.behave(manner)
		w.pass(2 * time.Second)
	}
	w.busy.behave(nil)
}

func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func breaksOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func garbles(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = fmt.Fprint(conn, "HTTP/1.1 2OO \x00\xff OK\r\n\r\n")
	_ = conn.Close()
}

func redirects(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "http://169.254.169.254/latest/meta-data/")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func tooMany(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusTooManyRequests)
}
