package pages

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Languages are the languages of every site, the first one where nobody asks for another.
func Languages() []string { return []string{"en", "it"} }

// catalogue is what a site says, by language and key. It is read-only.
type catalogue struct{ messages map[string]map[string]string }

// newCatalogue reads messages/LANGUAGE.json of every source; a later one may say
// something else under a key of an earlier one. Every language says the same things.
func newCatalogue(sources ...fs.FS) (*catalogue, error) {
	c := &catalogue{messages: map[string]map[string]string{}}
	for _, language := range Languages() {
		c.messages[language] = map[string]string{}
		for _, source := range sources {
			if source == nil {
				continue
			}
			text, err := fs.ReadFile(source, "messages/"+language+".json")
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("pages: %w", err)
			}
			into := c.messages[language]
			if err := json.Unmarshal(text, &into); err != nil {
				return nil, fmt.Errorf("pages: messages/%s.json: %w", language, err)
			}
		}
	}
	return c, c.compare()
}

// compare says what one language has and another lacks: keys, and the names in messages.
func (c *catalogue) compare() error {
	var faults []error
	for _, one := range Languages() {
		for key, text := range c.messages[one] {
			for _, other := range Languages() {
				there, ok := c.messages[other][key]
				switch {
				case !ok:
					faults = append(faults, fmt.Errorf("pages: messages/%s.json lacks %q", other, key))
				case there == "":
					faults = append(faults, fmt.Errorf("pages: messages/%s.json says nothing under %q", other, key))
				case !slices.Equal(namesIn(text), namesIn(there)):
					faults = append(faults, fmt.Errorf("pages: %q has other names in braces in %s than in %s", key, one, other))
				}
			}
		}
	}
	return errors.Join(faults...)
}

func namesIn(text string) []string {
	names := regexp.MustCompile(`\{[a-z_]+\}`).FindAllString(text, -1)
	slices.Sort(names)
	return slices.Compact(names)
}

func (c *catalogue) has(key string) bool {
	_, ok := c.messages[Languages()[0]][key]
	return ok
}

// say is a message in a language, with the values of the names in it.
func (c *catalogue) say(language, key string, pairs ...any) (string, error) {
	text, ok := c.messages[language][key]
	if !ok {
		return "", fmt.Errorf("pages: nothing is said under %q in %q", key, language)
	}
	if len(pairs) == 0 {
		return text, nil
	}
	values := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		values = append(values, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(values...).Replace(text), nil
}

// Count writes a number with the language's separators.
func Count(language string, n int) string {
	separator := ","
	if language == "it" {
		separator = "."
	}
	digits := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(digits) - 3; i > start; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return digits
}

// Moment writes a time as the language does, to the minute; UTC if it is in UTC.
func Moment(language string, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	form := "Jan 2, 15:04"
	if language == "it" {
		form = "2/1, 15:04"
	}
	return t.Format(form)
}

// Instant is Moment to the second.
func Instant(language string, t time.Time) string {
	if t.IsZero() {
		return Moment(language, t)
	}
	return Moment(language, t) + t.Format(":05")
}

// Day writes the day of a time as the language does.
func Day(language string, t time.Time) string {
	day, _, _ := strings.Cut(Moment(language, t), ", ")
	return day
}

// Span writes how long something took, or lies back, in its two largest units.
func Span(language string, d time.Duration) string {
	day := "d"
	if language == "it" {
		day = "g"
	}
	if d < time.Second {
		ms := strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64)
		return strings.TrimSuffix(ms, ".0") + " ms"
	}
	seconds := int(d.Round(time.Second) / time.Second)
	units := []struct {
		name string
		size int
	}{{day, 86400}, {"h", 3600}, {"min", 60}, {"s", 1}}
	var parts []string
	for _, u := range units {
		n := seconds / u.size
		seconds %= u.size
		if n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+u.name)
		} else if len(parts) > 0 {
			break
		}
		if len(parts) == 2 {
			break
		}
	}
	return strings.Join(parts, " ")
}
