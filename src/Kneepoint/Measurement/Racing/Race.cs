using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Measurement.Racing;

/// <summary>Scores a variant on growing parts of the samples until it is known not to be better than its rival, as far as the samples can tell, or all have been seen.</summary>
/// <remarks>
/// Against the rival a variant can gain only on samples that the rival has wrong, and lose only on those that it has right. So the samples are of three kinds: where the rival is wrong; where it is right and
/// other variants are wrong, the doubtful ones first, as losses are found there soon; and the rest. The first and the last kind are drawn in random order. From what was drawn follow bounds on gains and losses
/// over all samples, together: for the true numbers of both the product of what speaks against them (<see cref="DrawnCount.LogEvidence"/>) reaches 1 ÷ risk with at most the risk, at all times (Ville's inequality), so the pairs for which it has not are those that can be. For the doubtful ones it is counting.
/// The variant is given up if with none of these pairs the paired test on all samples would find it better (<see cref="PairedChange.IsGain"/>).
/// The chance of giving up one that this test would find better is at most the risk, over all looks together, for a rival and doubts that were there before the race.
/// The first part has 32 samples, half of them where the rival is wrong, one of the rest, the others doubtful. Each next one is a sixteenth of what was seen, in whole batches: one in 32 of the rest, and else of the kind of which a
/// sample is expected to move its bound most, then of the next. As the bounds hold at all times, they hold however the scores decide how many of each kind are drawn.
/// Only for figures that are means of scores of 0 and 1 that do not depend on the batch.
/// </remarks>
sealed class Race
{
    const int FirstPart = 32;

    // Bounds that hold at all times cost nothing to look at: small steps end a race soon after it is decided. And of the rest, where losses are rare, a few are enough.
    const int SeenPerStep = 16, AskedPerRest = 32;

    /// <summary>The scores of the rival on all samples, each 0 or 1.</summary>
    public required SampleScores Rival { get; init; }

    /// <summary>For each sample how many other variants have it wrong.</summary>
    public required IReadOnlyList<int> Doubts { get; init; }

    /// <summary>The score of a sample that is right: 1, or 0 where the metric is minimized.</summary>
    public required float Right { get; init; }

    /// <summary>The chance of giving up a variant that is better; above 0, below 1.</summary>
    public required double Risk { get; init; }

    /// <summary>Of the order, which must not depend on the scores of the variant.</summary>
    public required long Seed { get; init; }

    /// <summary>Runs the race.</summary>
    /// <param name="evaluation">Of the variant; it has seen nothing. Afterwards it has seen all samples unless the variant was given up.</param>
    /// <param name="batch">Samples of a run.</param>
    /// <param name="progress">Called with the number of samples seen.</param>
    /// <param name="cancellation">Ends the race between two batches.</param>
    /// <returns>The share of right samples less the rival's, where the variant is given up: estimated, each end of the interval with confidence 1 − risk at all times together. Null where it is not.</returns>
    public Interval? Run(GrowingEvaluation evaluation, int batch, Action<long>? progress, CancellationToken cancellation)
    {
        int[] order = RandomOrder.Of(Rival.Count, Seed);
        // Until something is known, what is left of the first part goes to the doubtful ones, then to the rest.
        var wrong = new Kind([.. order.Where(sample => Rival.Values[sample] != Right)], Right) { Pay = 0.5 };
        int[] doubted = [.. order.Where(sample => Rival.Values[sample] == Right && Doubts[sample] > 0).OrderByDescending(sample => Doubts[sample])];
        var doubtful = new Kind(doubted, 1 - Right) { Pay = 1 };
        var rest = new Kind([.. order.Where(sample => Rival.Values[sample] == Right && Doubts[sample] == 0)], 1 - Right) { Pay = 0.75 };
        Kind[] kinds = [wrong, doubtful, rest];
        int seen = 0;
        for (int part = WholeBatches(FirstPart, batch); seen + part < order.Length; part = WholeBatches(Math.Max(1, seen / SeenPerStep), batch))
        {
            int left = part - rest.Ask(part / AskedPerRest) - (seen == 0 ? wrong.Ask(part / 2) : 0);
            foreach (var kind in kinds.OrderByDescending(kind => kind.Pay)) left -= kind.Ask(left);
            evaluation.Add([.. kinds.SelectMany(kind => kind.Asked).Order().Select(sample => (long)sample)], progress, cancellation);
            seen += part;
            // What is neither right nor wrong has no bounds.
            if (!kinds.All(kind => kind.Take(evaluation))) break;

            var (least, most, couldBeGain) = Changes(wrong, rest, doubtful.Marked);
            if (couldBeGain)
            {
                // Which kind pays more is seen well enough by bounds of each alone.
                var gains = DrawnCount.Of(wrong.Count, wrong.Taken, wrong.Marked, Risk / 2);
                var losses = DrawnCount.Of(rest.Count, rest.Taken, rest.Marked, Risk / 2);
                wrong.Pay = (gains.Most - wrong.Estimate) * wrong.Narrowing;
                rest.Pay = (rest.Estimate - losses.Least) * rest.Narrowing;
                // Losses get rarer along the doubtful ones.
                doubtful.Pay = doubtful.LastShare ?? doubtful.Pay;
                continue;
            }

            double change = wrong.Estimate - doubtful.Marked - UnseenLosses(doubted, doubtful) - rest.Estimate;
            return Interval.Containing(change / order.Length, (double)(least - doubtful.Left) / order.Length, (double)most / order.Length);
        }

        evaluation.AddRest(progress, cancellation);
        return null;
    }

    // Over all pairs of gains and losses that can be: the least and the largest change in samples, if no doubtful one that was not seen is lost, and whether the test would find one of them better.
    (int Least, int Most, bool CouldBeGain) Changes(Kind wrong, Kind rest, int counted)
    {
        // Below this all that is left to speak against losses is rounding.
        const double Nothing = 1e-12;
        int least = int.MaxValue, most = int.MinValue;
        bool couldBeGain = false;
        for (int gains = wrong.Marked; gains <= wrong.Marked + wrong.Left; gains++)
        {
            double left = -Math.Log(Risk) - DrawnCount.LogEvidence(wrong.Count, gains, wrong.Taken, wrong.Marked);
            if (!(left > Nothing)) continue;
            var losses = DrawnCount.Of(rest.Count, rest.Taken, rest.Marked, Math.Exp(-left));
            (least, most) = (Math.Min(least, gains - losses.Most - counted), Math.Max(most, gains - losses.Least - counted));
            couldBeGain |= PairedChange.IsGain(gains, losses.Least + counted);
        }

        return (least, most, couldBeGain);
    }

    // Losses are dense among the first doubtful ones. In proportion to how many others have them wrong, too many are expected of the others, where the variant resembles its rival: half as many are, an estimate without a bound.
    double UnseenLosses(int[] doubted, Kind doubtful)
    {
        double taken = doubted.Take(doubtful.Taken).Sum(sample => (double)Doubts[sample]), left = doubted.Skip(doubtful.Taken).Sum(sample => (double)Doubts[sample]);
        return taken == 0 ? 0 : Math.Min(doubtful.Left, doubtful.Marked * left / taken) / 2;
    }

    static int WholeBatches(int samples, int batch) => checked((samples + batch - 1) / batch * batch);

    /// <summary>Samples of one kind in the order in which they are taken.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="marked">The score that is counted.</param>
    sealed class Kind(int[] samples, float marked)
    {
        int _asked;

        /// <summary>How far a sample is expected to move the bound, in samples.</summary>
        public double Pay { get; set; }

        public int Count => samples.Length;

        public int Taken { get; private set; }

        public int Left => Count - Taken;

        /// <summary>Those taken whose score is the one that is counted.</summary>
        public int Marked { get; private set; }

        /// <summary>How many are marked of all, in proportion.</summary>
        public double Estimate => Taken == 0 ? 0 : (double)Marked / Taken * Count;

        /// <summary>By which share of itself one more sample narrows what is not known of the number of marked ones: that falls with √((1 − s/M)/s) while s of M are drawn.</summary>
        public double Narrowing => Left == 0 ? 0 : Count / (2d * Math.Max(1, Taken) * Left);

        /// <summary>The share of marked ones among those taken last, half a sample more for each way; null if none were.</summary>
        public double? LastShare { get; private set; }

        /// <summary>What is taken next.</summary>
        public IEnumerable<int> Asked => samples.Take(Taken.._asked);

        /// <summary>Asks for more; returns how many there are.</summary>
        public int Ask(int most)
        {
            int more = Math.Min(most, Count - _asked);
            _asked += more;
            return more;
        }

        /// <summary>Counts the scores of what was asked for; false if one is neither 0 nor 1.</summary>
        public bool Take(GrowingEvaluation evaluation)
        {
            int before = Marked;
            foreach (int sample in Asked)
            {
                float score = evaluation.ScoresOf(sample)[0];
                if (score is not (0 or 1)) return false;
                if (score == marked) Marked++;
            }

            LastShare = _asked > Taken ? (Marked - before + 0.5) / (_asked - Taken + 1) : null;
            Taken = _asked;
            return true;
        }
    }
}
