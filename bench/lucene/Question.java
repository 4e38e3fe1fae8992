import java.util.List;

/**
 * A query as bench_lucene.c writes it: fields of one line, tabs between. Synonyms and stop words are
 * settled; what words of the directory a typed word stands for is left to the index.
 *
 * @param singles needs of which each must be met, as two numbers of bits
 * @param latitude NaN without a point
 * @param within miles; 0: no radius
 */
record Question(int runs, String state, double latitude, double longitude, double within,
                long[] singles, List<Group> groups, List<Unit> units) {

    /** Needs of which any ticked one suffices, and all needs of that group. */
    record Group(long[] ticked, long[] members) {}

    /** How a word is looked for. */
    enum Kind { NEEDS, EXACT, PREFIX, ONE_EDIT, TWO_EDITS }

    /** A word, or rows that meet any of these needs. */
    record Unit(Kind kind, String word, long[] needs) {}

    boolean hasPoint() {
        return !Double.isNaN(latitude);
    }

    boolean hasRadius() {
        return hasPoint() && within > 0;
    }

    static boolean has(long[] bits, int need) {
        return (bits[need >> 6] >>> need & 1) != 0;
    }

    static boolean isEmpty(long[] bits) {
        return (bits[0] | bits[1]) == 0;
    }

    static Question read(String line) {
        Fields fields = new Fields(line);
        int runs = (int) fields.number();
        String state = fields.text();
        double latitude = fields.decimal(), longitude = fields.decimal(), within = fields.decimal();
        long[] singles = fields.bits();
        Group[] groups = new Group[(int) fields.number()];
        for (int i = 0; i < groups.length; i++) groups[i] = new Group(fields.bits(), fields.bits());
        Unit[] units = new Unit[(int) fields.number()];
        for (int i = 0; i < units.length; i++)
            units[i] = new Unit(Kind.values()[(int) fields.number()], fields.text(), fields.bits());
        return new Question(runs, state, latitude, longitude, within, singles, List.of(groups), List.of(units));
    }
}
