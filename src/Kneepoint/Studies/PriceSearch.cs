using Kneepoint.Compression.Quantization.RateConstrained;

namespace Kneepoint.Studies;

/// <summary>A packed network that was made at a price.</summary>
/// <param name="Price">Divergence for a bit.</param>
/// <param name="IsFittedInSuccession">Whether layers were fitted to the rounded ones before.</param>
/// <param name="PackedBytes">Bytes of the packed file.</param>
/// <param name="Loss">How much of the metric is lost, 0 or less where nothing is; 0 where there are no data.</param>
public sealed record PricedNetwork(double Price, bool IsFittedInSuccession, long PackedBytes, double Loss);

/// <summary>Finds the price at which a packed network meets a limit: as few bytes as a loss allows, or as little loss as bytes allow.</summary>
/// <remarks>
/// Bytes fall and losses rise with the price, losses up to what the samples cannot tell. The limit is bracketed by eights and closed in by halves of the exponent with layers rounded for the original's inputs, which
/// is quick; from there the price goes up by halves, with layers fitted in succession, until the limit is missed twice, or down until it is met.
/// </remarks>
/// <param name="make">Makes and measures the network at a price.</param>
/// <param name="fitsInSuccession">Whether the second part is worth its time.</param>
public sealed class PriceSearch(Func<double, bool, PricedNetwork> make, bool fitsInSuccession)
{
    const double First = 1e-6, Wide = 8, Narrow = 1.25, Fine = 1.5;
    const double LeastPrice = 1e-13, MostPrice = 1e-1;
    const int MostFine = 6, MostMisses = 2;

    readonly List<PricedNetwork> _made = [];

    /// <summary>All networks that were made, in that order.</summary>
    public IReadOnlyList<PricedNetwork> Made => _made;

    /// <summary>The smallest network that loses at most so much; null where not even the least price reaches it.</summary>
    /// <param name="mostLoss">In the metric's unit.</param>
    public PricedNetwork? ForLoss(double mostLoss)
    {
        Find(network => network.Loss <= mostLoss, isMetBelow: true);
        return _made.Where(network => network.Loss <= mostLoss).MinBy(network => network.PackedBytes);
    }

    /// <summary>The network with the least loss among those of at most so many bytes, the largest where losses are equal; null where not even the highest price reaches it.</summary>
    /// <param name="mostBytes">Of the packed file.</param>
    public PricedNetwork? ForBytes(long mostBytes)
    {
        Find(network => network.PackedBytes <= mostBytes, isMetBelow: false);
        return _made.Where(network => network.PackedBytes <= mostBytes).OrderBy(network => network.Loss).ThenByDescending(network => network.PackedBytes).FirstOrDefault();
    }

    // A limit on loss is met below some price, one on bytes above: toward the miss from where it is met, and the other way from where it is not.
    void Find(Func<PricedNetwork, bool> isMet, bool isMetBelow)
    {
        double here = First, met = double.NaN;
        bool isMetHere = isMet(Make(here, false));
        double factor = isMetHere == isMetBelow ? Wide : 1 / Wide;
        while (here * factor is >= LeastPrice and <= MostPrice)
        {
            double next = here * factor;
            if (isMet(Make(next, false)) != isMetHere)
            {
                met = Close(isMetHere ? here : next, isMetHere ? next : here, isMet);
                break;
            }

            here = next;
        }

        if (double.IsNaN(met) && isMetHere) met = here;
        if (fitsInSuccession && !double.IsNaN(met)) Refine(met, isMet, isMetBelow ? Fine : 1 / Fine);
    }

    // Halves the exponent between a price that meets the limit and one that misses it.
    double Close(double met, double missed, Func<PricedNetwork, bool> isMet)
    {
        while (Math.Max(met / missed, missed / met) > Narrow)
        {
            double middle = Math.Sqrt(met * missed);
            if (isMet(Make(middle, false))) met = middle;
            else missed = middle;
        }

        return met;
    }

    // Samples cannot tell small differences: one miss may be chance, two in a row are not.
    void Refine(double price, Func<PricedNetwork, bool> isMet, double better)
    {
        int misses = 0;
        double next = price;
        for (int i = 0; i < MostFine && misses < MostMisses && next is >= LeastPrice and <= MostPrice; i++)
        {
            misses = isMet(Make(next, true)) ? 0 : misses + 1;
            next *= better;
        }

        if (_made.Any(network => network.IsFittedInSuccession && isMet(network)))
        {
            CloseIn(isMet);
            return;
        }

        next = price / better;
        for (int i = 0; i < MostMisses && next is >= LeastPrice and <= MostPrice && !isMet(Make(next, true)); i++) next /= better;
    }

    // Halves of the exponent between the last one that met the limit and the first behind it that missed it.
    void CloseIn(Func<PricedNetwork, bool> isMet)
    {
        for (int i = 0; i < MostMisses; i++)
        {
            var fitted = _made.Where(network => network.IsFittedInSuccession).OrderBy(network => network.Price).ToList();
            if (fitted.Zip(fitted.Skip(1)).FirstOrDefault(pair => isMet(pair.First) != isMet(pair.Second)) is not ({ } lower, { } higher) || higher.Price / lower.Price < Narrow) return;
            Make(Math.Sqrt(lower.Price * higher.Price), true);
        }
    }

    PricedNetwork Make(double price, bool isFitted)
    {
        price = RateConstrainedWeights.RoundPrice(price);
        var made = make(price, isFitted);
        _made.Add(made);
        return made;
    }
}
