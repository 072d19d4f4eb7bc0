package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
)

// A pass fills what a call takes in its own way.
type pass string

const (
	nothing   pass = "nothing"   // names in paths, and nothing in bodies
	plausible pass = "plausible" // names in paths, and something of the right type in every field
	odd       pass = "odd"       // spaces, slashes, letters that are escaped; numbers below zero
	nameless  pass = "nameless"  // paths without names
)

var names = map[pass]string{nothing: "x1", plausible: "x1", odd: "a b/ü%", nameless: ""}

// What fields are filled with that have more to say than a name.
var words = map[string]string{
	"type": "", "key_type": "", "default": "", "algorithm": "", "hash_algorithm": "", "padding_scheme": "",
	"signature_algorithm": "", "marshaling_algorithm": "", "plugin_name": "", "mount_type": "", "token_type": "default",
	"policy": `path "secret/*" { capabilities = ["read"] }`, "plaintext": "aGVsbG8=", "input": "aGVsbG8=",
	"common_name": "a.example.com", "serial_number": "11:22:33", "format": "pem", "key_bits": "2048",
	"issuer_ref": "default", "key_ref": "default", "url": "http://127.0.0.1:1", "password": "secret-1",
}

// Of two wrong values upstream names either: times are right in every pass.
var times = []string{"ttl", "_period", "duration", "buffer", "interval", "leeway", "max_age", "expiry", "expiration", "period", "increment", "lease"}

func ends(name string, with []string) bool {
	for _, end := range with {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

func (of pass) text(field string) string {
	word, known := words[field]
	switch {
	case ends(field, times):
		return "1h"
	case of == odd:
		return names[odd]
	case known:
		return word
	}
	return "x1"
}

func (of pass) number(field string) int64 {
	switch {
	case of == odd:
		return -1
	case ends(field, []string{"bits", "key_size"}):
		return 256
	case ends(field, times):
		return 3600
	}
	return 3
}

// fill puts something into a value, and into all that it is made of.
func (of pass) fill(value reflect.Value, field string, depth int) {
	if depth > 5 {
		return
	}
	made := func(kind reflect.Type) reflect.Value {
		one := reflect.New(kind).Elem()
		of.fill(one, field, depth+1)
		return one
	}
	switch kind := value.Type(); value.Kind() {
	case reflect.String:
		value.SetString(of.text(field))
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		value.SetInt(of.number(field))
	case reflect.Float32, reflect.Float64:
		// A rate, which would be felt.
		value.SetFloat(map[bool]float64{false: 100000, true: -1.5}[of == odd])
	case reflect.Slice:
		value.Set(reflect.Append(reflect.MakeSlice(kind, 0, 1), made(kind.Elem())))
	case reflect.Map:
		value.Set(reflect.MakeMap(kind))
		value.SetMapIndex(reflect.ValueOf("a").Convert(kind.Key()), made(kind.Elem()))
	case reflect.Interface:
		value.Set(reflect.ValueOf("v"))
	case reflect.Pointer:
		value.Set(made(kind.Elem()).Addr())
	case reflect.Struct:
		for at := range value.NumField() {
			inner := kind.Field(at)
			name, _, _ := strings.Cut(inner.Tag.Get("json"), ",")
			if inner.IsExported() {
				of.fill(value.Field(at), name, depth+1)
			}
		}
	}
}

var contexts = reflect.TypeFor[context.Context]()

// call calls a method of `on` and prints whether it failed.
func (of pass) call(on reflect.Value, name string) {
	method := on.MethodByName(name)
	kind := method.Type()
	arguments := []reflect.Value{}
	for at := range kind.NumIn() {
		if kind.IsVariadic() && at == kind.NumIn()-1 {
			break
		}
		one := reflect.New(kind.In(at)).Elem()
		switch {
		case one.Type() == contexts:
			one.Set(reflect.ValueOf(context.Background()))
		case one.Kind() == reflect.String:
			one.SetString(names[of])
		case of == nothing && one.Kind() == reflect.Pointer:
			one.Set(reflect.New(one.Type().Elem()))
		case of != nothing:
			of.fill(one, "", 0)
		}
		arguments = append(arguments, one)
	}
	results := method.Call(arguments)
	failed := len(results) > 0 && !results[len(results)-1].IsZero()
	fmt.Printf("%s %s.%s: failed=%v\n", of, on.Type(), name, failed)
}
