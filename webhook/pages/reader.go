package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	languageKey, languageCookie = "lang", "bauta_lang"
	themeKey, themeCookie       = "theme", "bauta_theme"
	// themeAuto is as the reader's system has it.
	themeAuto = "auto"
	// remembered is how long a choice is kept.
	remembered = 365 * 24 * time.Hour
)

func themes() []string { return []string{themeAuto, "light", "dark"} }

// Reader is how somebody wants pages: a language of Languages, and a theme: auto, light or
// dark.
type Reader struct{ Language, Theme string }

// ReaderOf is what a request says of its reader: chosen before, or as the browser asks.
func (s *Site) ReaderOf(r *http.Request) Reader {
	out := Reader{Language: Languages()[0], Theme: themeAuto}
	if l, ok := cookie(r, languageCookie, Languages()); ok {
		out.Language = l
	} else if l, ok := accepted(r.Header.Get("Accept-Language")); ok {
		out.Language = l
	}
	if t, ok := cookie(r, themeCookie, themes()); ok {
		out.Theme = t
	}
	return out
}

func cookie(r *http.Request, name string, of []string) (string, bool) {
	c, err := r.Cookie(name)
	if err != nil || !slices.Contains(of, c.Value) {
		return "", false
	}
	return c.Value, true
}

// accepted is the language of ours that a browser likes best.
func accepted(header string) (best string, ok bool) {
	liked := 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(part), ";")
		weight := 1.0
		if q, found := strings.CutPrefix(strings.TrimSpace(parameter), "q="); found {
			parsed, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = parsed
		}
		language, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if weight > liked && slices.Contains(Languages(), language) {
			best, liked, ok = language, weight, true
		}
	}
	return best, ok
}

// chosen is the URL of the same page with another choice.
func chosen(r *http.Request, key, value string) string {
	q := r.URL.Query()
	q.Set(key, value)
	return (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
}

// choose keeps what ?lang and ?theme say, and leads to the page without them. It is false
// where nothing of it is there. What is chosen is about looks only, so that anybody may ask
// for it.
func (s *Site) choose(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	if r.Method != http.MethodGet || !q.Has(languageKey) && !q.Has(themeKey) {
		return false
	}
	for _, c := range []struct {
		key, cookie string
		of          []string
	}{{languageKey, languageCookie, Languages()}, {themeKey, themeCookie, themes()}} {
		if value := q.Get(c.key); slices.Contains(c.of, value) {
			http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the page is; of looks only
				Name: c.cookie, Value: value, Path: s.options.Base, MaxAge: int(remembered.Seconds()),
				HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
			})
		}
		q.Del(c.key)
	}
	// The path is ours: a second slash at its beginning would lead elsewhere.
	to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/\\"), RawQuery: q.Encode()}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}
