package browser_test

import (
	"bufio"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// hostileText would be more than a text where somebody forgot to escape it.
const hostileText = `'\"><img src=x onerror=alert(1)>`

// visitor is somebody with a session of the console, without a browser.
type visitor struct {
	*station

	client *http.Client
	// token and its id.
	token, id string
}

// logsIn opens a session with a token of a business, of all with "".
func (s *station) logsIn(business string) *visitor {
	s.t.Helper()
	args := []string{"token", "issue", "--scope", "console", "--expires", "1h"}
	if business != "" {
		args = append(args, "--business", business)
	}
	token, errs := s.run(args...)
	v := &visitor{station: s, token: strings.TrimSpace(token), id: regexp.MustCompile(`issued token (\S+) for`).FindStringSubmatch(errs)[1]}
	v.enter()
	return v
}

// enter logs in by the token, in a browser without cookies.
func (v *visitor) enter() (code int) {
	v.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	code, _ = v.ask(http.MethodPost, "login", url.Values{"token": {v.token}})
	return code
}

// ask makes a request to a page.
func (v *visitor) ask(method, path string, form url.Values) (code int, body string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.admin+"/console/"+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	got, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return got.StatusCode, got.Header.Get("Location") + "\n" + string(text)
}

func (v *visitor) get(path string) (code int, body string) { return v.ask(http.MethodGet, path, nil) }

// act posts a form as the session's pages would.
func (v *visitor) act(path string, form url.Values) (code int, body string) {
	v.t.Helper()
	_, page := v.get("endpoints")
	word := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page)
	if word == nil {
		v.t.Fatal("the page of endpoints has no form")
	}
	whole := url.Values{"form": {word[1]}, "sure": {"yes"}}
	maps.Copy(whole, form)
	return v.ask(http.MethodPost, path, whole)
}

// follow reads a stream until it said of when it is, or ended.
func (v *visitor) follow(path string) (code int, said string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.admin+"/console/"+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	got, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	lines := bufio.NewScanner(got.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), `"place":"as-of"`) {
			break
		}
	}
	return got.StatusCode, said
}

// until asks for a page until it has a text.
func (v *visitor) until(path, text string) string {
	v.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		_, body := v.get(path)
		if strings.Contains(body, text) {
			return body
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("%s never had %q", path, text)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-v.t.Context().Done():
		}
	}
}

// pagesOf are all pages, about a business or about what the session sees ("").
func pagesOf(business, handle string) []string {
	if business == "" {
		return []string{"", "endpoints", "deliveries", "held", "dead-letters", "decisions", "sharing", "configuration", "journal", "login", "nowhere"}
	}
	of := "?business=" + business
	return []string{
		of, of + "&hours=192", "endpoints" + of, "deliveries" + of + "&handle=" + url.QueryEscape(handle), "deliveries?endpoint=" + business + "%2Fcrm", "deliveries?endpoint=" + business + "%2Fbot",
		"held" + of, "dead-letters" + of, "dead-letters?endpoint=" + business + "%2Fbot", "decisions" + of, "sharing" + of + "&hours=192", "configuration" + of, "journal" + of,
	}
}

func TestATokenOfOneBusinessSeesAndDoesNothingOfAnother(t *testing.T) {
	t.Parallel()
	s := newStation(t, built(t))
	all, verdi := s.logsIn(""), s.logsIn("verdi")
	handle := <-s.handle
	letters := all.until("dead-letters?endpoint=rossi%2Fbot", `name="id"`)
	all.until("decisions?business=rossi", "every-ad")
	all.until("sharing?business=rossi", "What became of the questions")
	_, held := all.get("held?business=rossi")
	// What is rossi's, and theirs alone.
	marks := []string{"every-ad", "only-italy", "of_tomorrow", "of_next_week", "120226305854810726", handle}
	for _, path := range pagesOf("rossi", handle) {
		_, body := all.get(path)
		marks = append(marks, regexp.MustCompile(`evt_[0-9a-f]{32}|\b[0-9a-f]{16}\b`).FindAllString(body, -1)...)
	}
	if len(marks) < 50 {
		t.Fatalf("only %d marks of the other business", len(marks))
	}
	picks := regexp.MustCompile(`name="id" value="(rossi/[^"]+)"`).FindAllStringSubmatch(letters+held, -1)
	if len(picks) < 5 {
		t.Fatalf("only %d events of the other business", len(picks))
	}
	clean := func(what, body string) {
		t.Helper()
		for _, m := range marks {
			if strings.Contains(body, m) {
				t.Errorf("%s has %s of the other business", what, m)
				return
			}
		}
	}

	for _, path := range pagesOf("", "") {
		_, body := verdi.get(path)
		clean(path, body)
		if strings.Contains(body, "rossi") || strings.Contains(body, "App main") {
			t.Errorf("%s names the other business, or an app", path)
		}
	}
	for _, business := range []string{"rossi", "_main", "_"} {
		for _, path := range pagesOf(business, handle) {
			code, body := verdi.get(path)
			if code != http.StatusNotFound && code != http.StatusForbidden {
				t.Errorf("%s was answered %d", path, code)
			}
			// The handle was in the address: that it is led back to says nothing.
			clean(path, strings.ReplaceAll(body, url.QueryEscape(handle), ""))
		}
	}
	if _, body := verdi.get("deliveries?business=verdi&handle=" + url.QueryEscape(handle)); !strings.Contains(body, "Nothing is known under that name") {
		t.Error("another business's handle leads somewhere")
	}
	for _, m := range marks {
		if len(m) != 16 {
			continue
		}
		if _, body := verdi.get("deliveries?lane=" + m); !strings.Contains(body, "Nothing is known under that name") {
			t.Errorf("the lane %s of another business leads somewhere", m)
		}
	}
	for _, path := range []string{"live/overview/rossi/6", "live/endpoints/rossi", "live/jobs/rossi", "live/jobs/_main", "live/overview/_/6?business=rossi"} {
		if code, said := verdi.follow(path); code != http.StatusNotFound {
			t.Errorf("the stream %s was answered %d: %s", path, code, said)
		}
	}
	for _, path := range []string{"live/overview/_/6", "live/endpoints/_", "live/jobs/_"} {
		code, said := verdi.follow(path)
		if clean(path, said); code != http.StatusOK || strings.Contains(said, "rossi") {
			t.Errorf("the stream %s was answered %d, or names the other business: %s", path, code, said)
		}
	}

	endpoint := url.Values{"of": {"rossi"}, "endpoint": {"crm"}, "for": {"1h"}}
	job := url.Values{"business": {"rossi"}, "endpoint": {"bot"}}
	for path, forms := range map[string][]url.Values{
		"endpoints/pause": {endpoint, {"of": {"rossi"}, "endpoint": {"_platform"}}}, "endpoints/resume": {endpoint}, "endpoints/test": {endpoint}, "endpoints/handshake": {endpoint},
		"held/release": events(picks), "held/drop": events(picks), "dead-letters/replay": events(picks), "dead-letters/drop": events(picks),
		"dead-letters/begin": {job, {"endpoint": {"rossi/bot"}, "work": {"drop"}}}, "dead-letters/cancel": {{"of": {"rossi"}, "job": {"J"}}}, "configuration/reload": {{}},
	} {
		for _, form := range forms {
			if code, body := verdi.act(path, form); code != http.StatusNotFound && code != http.StatusForbidden {
				t.Errorf("%s with %v was answered %d: %.200s", path, form, code, body)
			}
		}
	}
	_, now := all.get("dead-letters?endpoint=rossi%2Fbot")
	_, still := all.get("held?business=rossi")
	if got := regexp.MustCompile(`name="id" value="(rossi/[^"]+)"`).FindAllStringSubmatch(now+still, -1); len(got) != len(picks) {
		t.Errorf("of %d events %d are left", len(picks), len(got))
	}
	if _, body := all.get("endpoints?business=rossi"); strings.Contains(body, "paused by an operator") {
		t.Error("an endpoint of another business was paused")
	}
	if _, body := all.get("journal?business=rossi"); strings.Contains(body, "<tr><td") {
		t.Errorf("somebody did something with another business: %s", body)
	}
}

// events are forms about the first and the last of some.
func events(picks [][]string) (forms []url.Values) {
	for _, p := range [][]string{picks[0], picks[len(picks)-1]} {
		forms = append(forms, url.Values{"id": {p[1]}})
	}
	return forms
}

func TestNoPageOfTheConsoleNamesAnybodyOrTakesTextForMore(t *testing.T) {
	t.Parallel()
	s := newStation(t, built(t))
	all := s.logsIn("")
	handle := <-s.handle
	// Somebody with a user id, and texts that would be more than texts.
	const person = "IT.13491208655302741918"
	s.event(strings.NewReplacer(`"wa_id":`, `"user_id":"`+person+`","wa_id":`, `"Ada"`, `"`+hostileText+`"`).Replace(message("102290129340398", "393407777777", 0,
		`"referral":{"source_url":"https://fb.me/x1","source_id":"`+hostileText+`","source_type":"ad","headline":"`+hostileText+`","ctwa_clid":"`+hostileText+`"},`)))
	s.event(strings.Replace(message("102290129340398", "393407777777", 1, ""), `"type":"text"`, `"type":"`+hostileText+`"`, 1))
	s.event(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"` + hostileText + `":"` + customer + `"},"field":"` + hostileText + `"}]}]}`)
	all.until("dead-letters?endpoint=rossi%2Fbot", `name="id"`)
	all.act("endpoints/test", url.Values{"of": {"rossi"}, "endpoint": {"bot"}})
	all.act("endpoints/pause", url.Values{"of": {hostileText}, "endpoint": {hostileText}, "for": {hostileText}})

	jar := all.client.Jar.Cookies(&url.URL{Scheme: "http", Host: strings.TrimPrefix(s.admin, "http://"), Path: "/console/"})
	secrets := []string{"wamid.", person, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "app_secrets: [local]", all.token}
	for _, c := range jar {
		secrets = append(secrets, c.Value)
	}
	if len(jar) != 1 {
		t.Fatalf("the session has %d cookies", len(jar))
	}
	look := func(path, body string) {
		t.Helper()
		for _, number := range []string{customer, "393409876543", "393405555555", "393407777777"} {
			if readable(body, number) {
				t.Errorf("%s shows the number %s", path, number)
			}
		}
		for _, secret := range secrets {
			if strings.Contains(body, secret) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
		if strings.Contains(body, "<img") || strings.Contains(body, "ZgotmplZ") {
			t.Errorf("%s takes a text for more", path)
		}
	}
	paths := append(pagesOf("", ""), pagesOf("rossi", handle)...)
	paths = append(paths, "held?business=_main", "endpoints?said=paused&on="+url.QueryEscape(hostileText), "deliveries?business=rossi&handle="+url.QueryEscape(hostileText))
	escaped := 0
	for _, path := range paths {
		_, body := all.get(path)
		look(path, body)
		escaped += strings.Count(body, "&lt;img")
	}
	if escaped == 0 {
		t.Error("no page has the text, so that nothing was proven")
	}
	for _, path := range []string{"live/overview/_/6", "live/endpoints/_", "live/jobs/_"} {
		_, said := all.follow(path)
		look(path, said)
	}
	code, body := all.act("endpoints/test", url.Values{"of": {"rossi"}, "endpoint": {"bot"}})
	if look("endpoints/test", body); code != http.StatusOK {
		t.Errorf("a test event was answered %d", code)
	}
}

func TestRevokingATokenEndsItsSessionsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStation(t, built(t))
	v := s.logsIn("")
	first := v.client
	if code := v.enter(); code != http.StatusSeeOther {
		t.Fatalf("the link that is used twice was answered %d", code)
	}
	clients := []*http.Client{first, v.client}
	for _, c := range clients {
		v.client = c
		if code, _ := v.get("held"); code != http.StatusOK {
			t.Errorf("the page was answered %d", code)
		}
	}
	s.run("token", "revoke", "--business", "_", "--id", v.id)
	for _, c := range clients {
		v.client = c
		if code, to := v.get("held"); code != http.StatusSeeOther || !strings.Contains(to, "/console/login?to=held&why=ended") {
			t.Errorf("after the token was revoked the page was answered %d to %s", code, to)
		}
		if code, _ := v.follow("live/overview/_/6"); code != http.StatusUnauthorized {
			t.Errorf("after the token was revoked the stream was answered %d", code)
		}
		if code, _ := v.ask(http.MethodPost, "configuration/reload", url.Values{}); code != http.StatusSeeOther {
			t.Errorf("after the token was revoked an action was answered %d", code)
		}
	}
	if code := v.enter(); code != http.StatusUnauthorized {
		t.Errorf("after the token was revoked its link was answered %d", code)
	}
}
