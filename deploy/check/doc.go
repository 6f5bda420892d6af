// Package check holds what is in deploy against the definitions of those who read it.
package check
