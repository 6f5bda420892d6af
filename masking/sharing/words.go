package sharing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words are those that act when they are the whole message.
type Words struct {
	Share, Withdraw, Show, Erase []string
}

// Word is what a message that is one of the words asks for.
type Word uint8

// The words. The zero value asks for nothing.
const (
	NoWord Word = iota
	WordShare
	WordWithdraw
	WordShow
	WordErase
)

const (
	shortestWord = 2
	maxWord      = 100
	// maxWordBytes is how much of a text message is looked at (meta.Act.Text).
	maxWordBytes = 256
)

// action is a setting's name, its words and what they ask for.
type action struct {
	setting string
	words   []string
	word    Word
}

// actions puts sharing last: a word that should stand for two things does not share.
func (w Words) actions() []action {
	return []action{
		{"withdraw", w.Withdraw, WordWithdraw}, {"show", w.Show, WordShow}, {"erase", w.Erase, WordErase}, {"share", w.Share, WordShare},
	}
}

// Find tells which word a whole message is: the same letters but for case (simple
// folding of Unicode, as strings.EqualFold has it) and the space around it. A message
// that only holds a word is none.
func (w Words) Find(text string) Word {
	text = strings.TrimSpace(text)
	if text == "" {
		return NoWord
	}
	for _, a := range w.actions() {
		for _, word := range a.words {
			if strings.EqualFold(strings.TrimSpace(word), text) {
				return a.word
			}
		}
	}
	return NoWord
}

// WordFault is what is wrong with one configured word: the setting that it stands
// in, and its place there.
type WordFault struct {
	Setting string
	Index   int
	Problem string
}

// CheckWords says what is wrong with configured words, in the order of the settings;
// nil if nothing is. A word must be one that nobody writes to mean something else:
// neither what people answer to any question, nor what a button of the texts says that
// does another thing.
func CheckWords(w Words, t *Texts) []WordFault {
	var faults []WordFault
	var seen []action
	for _, a := range w.actions() {
		for i, word := range a.words {
			word = strings.TrimSpace(word)
			problem := t.trap(a.word, word)
			for _, before := range seen {
				if problem == "" && strings.EqualFold(before.words[0], word) {
					problem = "already means " + before.setting + ": a word does one thing"
				}
			}
			if problem != "" {
				faults = append(faults, WordFault{a.setting, i, problem})
			}
			seen = append(seen, action{a.setting, []string{word}, a.word})
		}
	}
	return faults
}

// trap is why a word cannot stand for what it is to do, "" if it can.
func (t *Texts) trap(does Word, word string) string {
	core := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	is := func(text string) bool { return strings.EqualFold(strings.TrimSpace(text), word) }
	switch {
	case word == "":
		return "is empty"
	case !utf8.ValidString(word):
		return "is no UTF-8"
	case utf8.RuneCountInString(word) > maxWord || len(word) > maxWordBytes:
		return fmt.Sprintf("is too long: a word has at most %d characters, and %d bytes", maxWord, maxWordBytes)
	case utf8.RuneCountInString(core) < shortestWord:
		return "has fewer than two letters: people write that without meaning it"
	case slices.ContainsFunc(answers(), func(answer string) bool { return strings.EqualFold(answer, core) }):
		return "is what people answer to other questions"
	}
	for _, language := range slices.Sorted(maps.Keys(t.languages)) {
		texts := t.languages[language]
		switch {
		case does != WordShare && is(texts[TextShareButton].text):
			return "is what the button that shares says in the language " + language
		case is(texts[TextDeclineButton].text):
			return "is what the button that declines says in the language " + language
		case does != WordWithdraw && is(texts[TextWithdrawButton].text):
			return "is what the button that withdraws says in the language " + language
		}
	}
	return ""
}

// answers are what people write to answer anything, in many languages.
func answers() []string {
	file, _ := builtin.ReadFile("builtin/answers.txt")
	return strings.Split(strings.TrimSpace(string(file)), "\n")
}
