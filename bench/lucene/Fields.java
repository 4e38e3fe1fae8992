/** The fields of one line, tabs between, one after the other. An empty decimal is NaN. */
final class Fields {
    private final String[] all;
    private int at;

    Fields(String line) {
        all = line.split("\t", -1);
    }

    String text() {
        return all[at++];
    }

    long number() {
        return Long.parseLong(text());
    }

    double decimal() {
        String text = text();
        return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
    }

    /** A set of needs: two numbers of bits. */
    long[] bits() {
        return new long[] {number(), number()};
    }
}
