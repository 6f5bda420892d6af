package console

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/operate"
	"bauta/webhook/pages"
)

// visit is one request of somebody who is logged in. It is used by one goroutine.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	session access.Session
	actor   operate.Actor
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// posted is the form that was sent, once act has read it.
func (v *visit) posted() url.Values { return v.r.PostForm } //nolint:forbidigo // a request's field, no request

// view is what a template is given.
type view struct {
	// All: the session sees every business; Business is whose it is otherwise.
	All      bool
	Business string
	// Form is in every form.
	Form string
	// Ends is when the session does, Left how long that is where it is soon, and 0 otherwise;
	// Token is the id of the token that it is of.
	Ends  time.Time
	Left  time.Duration
	Token string
	Said  *said
	// Chosen is the business that the page is about, "" for all; Businesses are those that
	// can be chosen.
	Chosen     string
	Businesses []holder
	// D is the page's own.
	D any
}

// soon is how long before its end a session says so.
const soon = 15 * time.Minute

// holder is a business, or an app for what names no business.
type holder struct {
	ID string
	// App of which it is the own name; "" for a business.
	App string
}

func holderOf(id string) holder {
	h := holder{ID: id}
	if isApp(id) {
		h.App = strings.TrimPrefix(id, webhook.AppBusiness(""))
	}
	return h
}

// said is what an action before came to.
type said struct {
	Tone, Key string
	N         int
	// On is what it was done to.
	On string
}

// showing answers a visit; what it returns is shown as a problem.
type showing func(c *Console, v *visit) error

// maxForm bounds the body of a form.
const maxForm = 64 << 10

// show lets in who has a session, and leads everybody else to the login.
func (c *Console) show(page showing) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := c.enter(w, r)
		switch {
		case errors.Is(err, access.ErrInvalid):
			c.toLogin(w, r)
		case err != nil:
			c.problem(&visit{w: w, r: r}, err) //nolint:contextcheck // a visit has its request's
		default:
			if err := page(c, v); err != nil {
				c.problem(v, err) //nolint:contextcheck // a visit has its request's
			}
		}
	}
}

// act is show for what changes something: the form has to be one of this session's pages.
// That another site's page sent it, the site has refused before.
func (c *Console) act(do showing) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		c.show(func(c *Console, v *visit) error {
			if err := r.ParseForm(); err != nil {
				return errForm
			}
			if subtle.ConstantTimeCompare([]byte(r.PostFormValue("form")), []byte(v.session.Form)) != 1 {
				return errForm
			}
			return do(c, v)
		})(w, r)
	}
}

// enter finds out who visits.
func (c *Console) enter(w http.ResponseWriter, r *http.Request) (*visit, error) {
	shown := r.CookiesNamed(cookieName)
	if len(shown) != 1 {
		return nil, access.ErrInvalid
	}
	s, err := c.Sessions.Check(r.Context(), shown[0].Value)
	if err != nil {
		return nil, err
	}
	return &visit{w: w, r: r, session: s, actor: operate.Actor{By: s.TokenID, Business: s.Business}}, nil
}

// render shows a page.
func (c *Console) render(v *visit, name string, status int, data any) error {
	p := pages.Page{Name: name, Status: status, Data: c.view(v, name, data), Query: c.kept(v)}
	site := c.site
	switch {
	case v.session.TokenID == "":
		site = c.entrance
	case !v.actor.All():
		p.Omit = []string{"configuration"}
	}
	if err := site.Render(v.w, v.r, p); err != nil {
		c.Logger.ErrorContext(v.ctx(), "a page of the console could not be shown", "page", name, "error", err)
	}
	return nil
}

// kept is what the links to other pages keep: the business that was chosen.
func (c *Console) kept(v *visit) string {
	if asked := v.r.FormValue("business"); v.actor.All() && asked != "" && !isApp(asked) {
		return url.Values{"business": {asked}}.Encode()
	}
	return ""
}

func (c *Console) view(v *visit, page string, data any) view {
	out := view{
		All: v.actor.All(), Business: v.actor.Business, Form: v.session.Form, Ends: v.session.Expires, Token: v.session.TokenID,
		Said: saidOf(v.r.URL.Query()), Chosen: c.chosen(v), D: data,
	}
	if left := out.Ends.Sub(c.Now()); left > 0 && left < soon {
		out.Left = (left + time.Minute - 1).Truncate(time.Minute)
	}
	if v.session.TokenID == "" {
		return out
	}
	for _, id := range c.Desk.Holders(v.actor) {
		// Apps have no endpoints and customers: only what is held, and what was done.
		if h := holderOf(id); h.App == "" || page == "overview" || page == "held" || page == "journal" {
			out.Businesses = append(out.Businesses, h)
		}
	}
	return out
}

// chosen is the business that a page is about: "" for all that the actor sees.
func (c *Console) chosen(v *visit) string {
	if asked := v.r.FormValue("business"); asked != "" {
		return asked
	}
	if asked := v.r.PathValue("business"); asked != "" && asked != webhook.AllBusinesses {
		return asked
	}
	if v.actor.All() {
		return ""
	}
	return v.actor.Business
}

// results are what can be said after an action, with its tone. Whoever writes another
// into a URL says nothing.
func results() map[string]string {
	return map[string]string{
		"paused": "ok", "resumed": "ok", "not_paused": "info", "pause_length": "bad",
		"released": "ok", "still_held": "warn", "gone": "info", "dropped": "ok", "replayed": "ok",
		"begun": "ok", "cancelled": "ok", "rate": "bad",
	}
}

func saidOf(q url.Values) *said {
	key := q.Get("said")
	tone, ok := results()[key]
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(q.Get("n"))
	if err != nil || n < 0 {
		n = 1
	}
	return &said{Tone: tone, Key: "said." + key, N: n, On: clip(q.Get("on"))}
}

// clip keeps what a URL says from filling a page.
func clip(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// back leads to a page that says what an action came to.
func (v *visit) back(page, key string, more url.Values) error {
	q := url.Values{"said": {key}}
	for name, values := range more {
		if len(values) > 0 && values[0] != "" {
			q[name] = values
		}
	}
	http.Redirect(v.w, v.r, Base+page+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// toLogin leads to the login page, which leads back to what was asked for.
func (c *Console) toLogin(w http.ResponseWriter, r *http.Request) {
	q := url.Values{}
	if _, err := r.Cookie(cookieName); err == nil {
		q.Set("why", "ended")
	}
	if r.Method == http.MethodGet && r.URL.Path != Base && !strings.HasPrefix(r.URL.Path, Base+"live/") {
		q.Set("to", strings.TrimPrefix(r.URL.Path, Base))
	}
	to := Base + "login"
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
