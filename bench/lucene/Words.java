import java.nio.charset.StandardCharsets;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.AutomatonQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.LevenshteinAutomata;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.Transition;

/**
 * A typed word as a query. A mistyped one may be unfinished too, which FuzzyQuery does not know: its
 * automaton (swaps count as one edit) is taken, and made to accept whatever follows. Letters are
 * bytes, as the engine's are. No term that fits is left out, as FuzzyQuery leaves out all but 50.
 */
final class Words {
    private static final String FIELD = "word";
    /** Of words of so many letters the first must agree. */
    private static final int FIRST_AGREES = 4;
    private static final int FOLLOWING_MOST = 60;

    private Words() {}

    static Query query(Question.Unit unit) {
        Term term = new Term(FIELD, unit.word());
        return switch (unit.kind()) {
            case EXACT -> new TermQuery(term);
            case PREFIX -> new PrefixQuery(term);
            case ONE_EDIT -> mistyped(term, 1);
            case TWO_EDITS -> mistyped(term, 2);
            case NEEDS -> throw new IllegalArgumentException("a unit of needs alone has no word");
        };
    }

    private static Query mistyped(Term term, int edits) {
        byte[] bytes = term.text().getBytes(StandardCharsets.UTF_8);
        int[] letters = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) letters[i] = bytes[i] & 0xff;
        Automaton near = new LevenshteinAutomata(letters, 255, true).toAutomaton(edits);
        if (letters.length == FIRST_AGREES) near = beginningWith(letters[0], near);
        return new AutomatonQuery(term, andWhatFollows(near), Operations.DEFAULT_MAX_DETERMINIZED_STATES, true);
    }

    private static Automaton beginningWith(int letter, Automaton of) {
        Automaton first = new Automaton();
        int start = first.createState(), next = first.createState();
        first.setAccept(next, true);
        first.addTransition(start, next, letter);
        first.addTransition(next, next, 0, 255);
        first.finishState();
        return Operations.intersection(first, of);
    }

    /**
     * Let every accepting state of a deterministic automaton accept what follows too, up to so many
     * letters: of one without end Lucene seeks a common ending, which takes longer than the search.
     */
    private static Automaton andWhatFollows(Automaton of) {
        Automaton.Builder open = new Automaton.Builder();
        Transition transition = new Transition();
        int states = of.getNumStates();
        for (int state = 0; state < states; state++) open.setAccept(open.createState(), of.isAccept(state));
        for (int i = 0; i <= FOLLOWING_MOST; i++) open.setAccept(open.createState(), true);
        for (int i = 0; i < FOLLOWING_MOST; i++) open.addTransition(states + i, states + i + 1, 0, 255);
        for (int state = 0; state < states; state++) {
            if (of.isAccept(state)) {
                open.addTransition(state, states, 0, 255);
                continue;
            }
            int count = of.initTransition(state, transition);
            for (int i = 0; i < count; i++) {
                of.getNextTransition(transition);
                open.addTransition(state, transition.dest, transition.min, transition.max);
            }
        }
        return open.finish();
    }
}
