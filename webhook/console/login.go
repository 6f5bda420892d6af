package console

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/pages"
)

// cookieName is the session's. It is sent to this path alone, and by no other site's page.
const cookieName = "bauta_session"

// guessWait is after how long another wrong token may be tried.
const guessWait = 10 * time.Second

// loginView is the login page.
type loginView struct {
	// Fault and Why are the ends of messages, "" for none.
	Fault, Why string
	// To is where it leads, relative to Base.
	To string
	// Expires is not known before; the layout asks for what every view has.
	Said *said
}

func (c *Console) showLogin(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	why := q.Get("why")
	if !slices.Contains([]string{"ended", "left"}, why) {
		why = ""
	}
	c.drawLogin(w, r, http.StatusOK, loginView{Why: why, To: target(q.Get("to"))})
}

func (c *Console) drawLogin(w http.ResponseWriter, r *http.Request, status int, l loginView) {
	if err := c.entrance.Render(w, r, pages.Page{Name: "login", Status: status, Data: l}); err != nil {
		c.Logger.ErrorContext(r.Context(), "a page of the console could not be shown", "page", "login", "error", err)
	}
}

// target is a page of the navigation that the login leads to, "" for the overview.
func target(asked string) string {
	if slices.ContainsFunc(navigation(), func(l pages.Link) bool { return l.Path == asked }) {
		return asked
	}
	return ""
}

// login takes a token and opens a session.
func (c *Console) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	to := target(r.FormValue("to"))
	g, fault := c.check(r, strings.TrimSpace(r.PostFormValue("token")))
	if fault != "" {
		status := http.StatusUnauthorized
		switch fault {
		case "busy":
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(int(guessWait.Seconds())))
		case "store":
			status = http.StatusServiceUnavailable
		case "scope":
			status = http.StatusForbidden
		}
		c.drawLogin(w, r, status, loginView{Fault: fault, To: to})
		return
	}
	value, session, err := c.Sessions.Open(g)
	if err != nil {
		c.drawLogin(w, r, http.StatusServiceUnavailable, loginView{Fault: "store", To: to})
		return
	}
	c.Logger.InfoContext(r.Context(), "somebody logged in to the console", "token", session.TokenID, "business", session.Business)
	http.SetCookie(w, sessionCookie(r, value, int(session.Expires.Sub(c.Now()).Seconds())))
	http.Redirect(w, r, Base+to, http.StatusSeeOther)
}

// check tells who logs in, or why nobody does.
func (c *Console) check(r *http.Request, token string) (g webhook.Grant, fault string) {
	address := addressOf(r)
	if !c.Brake.Source(address) {
		return g, "busy"
	}
	if token == "" {
		return g, "empty"
	}
	g, err := c.Tokens.Check(r.Context(), token)
	switch {
	case errors.Is(err, access.ErrInvalid):
		if !c.Brake.Failed(address) {
			return g, "busy"
		}
		return g, "invalid"
	case err != nil:
		return g, "store"
	case !c.Brake.Token(g):
		return g, "busy"
	case !g.Allows(access.Console):
		return g, "scope"
	}
	return g, ""
}

// addressOf is who asks: on the admin listener there is no proxy that is trusted.
func addressOf(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr) // what is no address is one like another
	return from.Addr()
}

func sessionCookie(r *http.Request, value string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure where the browser talks TLS
		Name: cookieName, Value: value, Path: Base, MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: overTLS(r),
	}
}

// overTLS tells that the browser talks TLS, to this process or to a proxy before it. Who
// makes that up gets a cookie that goes fewer ways.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// logout ends the session at this browser. It needs no word of the session: what another
// site's page sends is refused before, and to leave harms nobody.
func (c *Console) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, sessionCookie(r, "", -1))
	http.Redirect(w, r, Base+"login?why=left", http.StatusSeeOther)
}
